// What the ways to decode one picture cost and give, measured (smol inspect --compare).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "smol/media/decoder.h"

namespace smol::cli {

struct MeasuredMode {
  std::string name;  // to_string(DecodeSpec), or "centre half", "upper half" for those regions
  Size size;
  bool exact = false;  // asked for, not measured: is_exact() of its spec
  double ms = 0;       // thread CPU time, the best of the repetitions
  double ratio = 0;    // to the full decode's
  // Against the full decode, averaged to the mode's size: every pixel with the area that it stands for (box filter).
  // Infinite: every pixel is the same.
  double psnr_db = 0;
};

// Decodes the picture in each mode in turn, again and again for about a second, twice at least. The full decode is
// first, then the other modes, then the centre half and the upper half of the picture as regions. The first error of
// any decode ends it.
Result<std::vector<MeasuredMode>> compare_modes(Decoder& decoder, std::span<const std::byte> bytes,
                                                std::span<const DecodeMode> modes, const DecodeLimits& limits);

}  // namespace smol::cli
