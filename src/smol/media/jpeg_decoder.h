// JPEG through libjpeg-turbo: baseline, extended and progressive Huffman, arithmetic where the library has it; 8 bit.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// Pixels are what libjpeg-turbo's full decode gives with its default settings (accurate integer DCT, fancy
// upsampling, block smoothing), which are Pillow's too; CMYK and YCCK become RGB as Pillow's Image.convert does it.
//
// DecodeSpec::region costs what it covers: columns outside are entropy-decoded only, rows above are skipped the same
// way, rows below are not read. What is returned covers exactly the region (aligned out to whole output pixels).
// Progressive files are read to their end whatever the region.
// DecodeSpec::scale_denominator may be a power of two; beyond 8 the picture is decoded at 1/8. Anything else throws
// Error(kUsage), as does an empty region or one outside the picture.
std::unique_ptr<Decoder> make_jpeg_decoder();

}  // namespace smol
