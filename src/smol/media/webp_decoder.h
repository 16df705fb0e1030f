// WebP through libwebp: lossy, lossless, transparency; of an animation the first frame on its canvas.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// The pixels are those of libwebp's default decode (loop filter, fancy upsampling). Decoded into memory at once, 3 or
// (with alpha) 4 bytes a pixel of the region, before the first strip.
//
// DecodeSpec::region: rows below are not decoded, columns outside of it are neither filtered nor converted; exactly
// the region is returned. DecodeSpec::skip_filters leaves out the loop filter of a lossy picture. Throws
// Error(kUsage) for an empty region or one outside the picture. A file shorter than it says is kTruncated whatever
// the region.
std::unique_ptr<Decoder> make_webp_decoder();

}  // namespace smol
