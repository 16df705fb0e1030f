// JPEG 2000 through OpenJPEG: .jp2 and raw codestreams, resolution levels, regions.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// Decoded into memory before the first strip: 4 bytes a sample of the region for the picture, and of a tile as much
// again and its compressed bytes.
//
// DecodeSpec::scale_denominator takes a resolution level, of size ceil(size / scale): the largest power of two up to
// it, up to 32 and up to what every tile of the file has. DecodeSpec::region decodes the code blocks that the region
// needs. Throws Error(kUsage) for an empty region or one outside the picture. A file shorter than it says is
// kTruncated whatever the region.
std::unique_ptr<Decoder> make_jpeg2000_decoder();

}  // namespace smol
