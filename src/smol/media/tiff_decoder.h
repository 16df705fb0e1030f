// TIFF through libtiff: strips and tiles, any byte order, BigTIFF; of several pictures in a file the first.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// Grey, RGB and CMYK with 8 or 16 bit in one plane, and YCbCr in JPEG, are read as they are; all else by libtiff's
// TIFFRGBAImage. kUnsupportedFormat: floating-point and signed samples, more than 64 bits a pixel, old-style JPEG.
// Memory: the largest strip, or a row of tiles, decoded; libtiff may take as much again.
//
// DecodeSpec::region: exactly the region; only the strips or tiles that cover it are read. scale_denominator: the
// largest level of a pyramid with at most that denominator, or the full picture; where a level was rounded down, its
// last row or column is repeated. Throws Error(kUsage) for an empty region or one outside the picture, and for a
// denominator below 1.
std::unique_ptr<Decoder> make_tiff_decoder();

}  // namespace smol
