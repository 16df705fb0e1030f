// What a DecodeSpec asks of a picture of known size: the part of the output to produce. Shared by all decoders.
#pragma once

#include <optional>

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"

namespace smol {

struct ScaledRegion {
  Rect output;  // of the whole scaled picture, in its pixels
  Rect covers;  // the same in pixels of the stored picture: output times the denominator
};

// The region (all of the picture if there is none) aligned out to whole output pixels. An output pixel stands for
// denominator x denominator stored ones, the last of a row or column partly for padding behind the picture's edge.
// Throws Error(kUsage) if the region is empty or not inside the picture.
ScaledRegion scaled_region(Size stored, const std::optional<Rect>& region, int denominator);

// kTooManyPixels if the header asks for more than the limit.
Status check_pixels(Size stored, const DecodeLimits& limits);

}  // namespace smol
