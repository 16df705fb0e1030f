// Turning stored pixels upright (EXIF orientation).
#pragma once

#include "smol/base/geometry.h"
#include "smol/base/image.h"

namespace smol {

// Writes `in`, turned as PIL.ImageOps.exif_transpose does it, to `out`, whose size is oriented(in.size, orientation).
// Same channels; the two must not overlap. No allocation.
void orient(ConstImageView in, Orientation orientation, ImageView out);

}  // namespace smol
