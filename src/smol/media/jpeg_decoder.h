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
// Progressive files are read to their end whatever the region, but for the scans that first_scans leaves out, and at
// scale 1/8 those that hold nothing of the result (jpeg_scans.h). Scans left out are searched for the next marker, so
// that a cut file is still an error; other damage in them is not seen.
// At 1/8, usual baseline files are decoded without the library (jpeg_eighth.h): the same pixels, and of
// whole files the same verdicts.
// DecodeSpec::scale_denominator may be a power of two; beyond 8 the picture is decoded at 1/8. Anything else throws
// Error(kUsage), as does an empty region or one outside the picture.
//
// DecodeSpec::thumbnail gives the thumbnail of the EXIF segment, without its bars (thumbnail_content.h) and turned as
// the picture is; region and scale say nothing about it. The picture itself is not read, but for its headers. It is
// decoded instead if there is no thumbnail, or one that does not decode or has more pixels than the picture or 2^20.
std::unique_ptr<Decoder> make_jpeg_decoder();

}  // namespace smol
