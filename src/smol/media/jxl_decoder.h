// JPEG XL through libjxl: raw codestreams and containers, the first frame of animations.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// The pixels are those of libjxl with 8 bit of output, in the colour space of the file. Always decoded whole, into 3
// or (with alpha) 4 bytes a pixel, before the first strip; a region is a window on that, and every DecodeSpec gives
// the full decode. libjxl's own memory comes on top: some 2 bytes a pixel for a photograph.
//
// Throws Error(kUsage) for an empty region or one outside the picture. Frames and boxes behind the first frame are
// not read.
std::unique_ptr<Decoder> make_jxl_decoder();

}  // namespace smol
