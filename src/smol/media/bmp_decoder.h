// BMP of Windows and OS/2, uncompressed.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// 1, 4 and 8 bit with a palette, 16, 24 and 32 bit, bit fields. Alpha counts only if the header has a mask for it.
// Run lengths (RLE4, RLE8) and embedded JPEG or PNG are kUnsupportedFormat. DecodeSpec::region: exactly the region;
// no other row is looked at.
std::unique_ptr<Decoder> make_bmp_decoder();

}  // namespace smol
