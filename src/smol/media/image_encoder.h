// Pictures to PNG or JPEG bytes, for renditions that smol stores itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "smol/base/image.h"
#include "smol/base/result.h"

namespace smol {

// RGB u8, zlib level 6, libpng's choice of filters; no metadata. Any thread. kTooManyPixels: a side over 1,000,000;
// kOutOfMemory.
Result<std::vector<std::byte>> encode_png(ConstImageView rgb);

// Baseline, 4:2:0, optimised Huffman tables; JFIF, no other metadata. `quality` 1 to 100 as in libjpeg. The same
// errors, with 65,500 as the longest side.
Result<std::vector<std::byte>> encode_jpeg(ConstImageView rgb, int quality);

}  // namespace smol
