// GIF: the first frame on its canvas.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// Transparent pixels, and those of the canvas outside of the frame, are white. The frame is decoded whole, into
// memory of a byte a pixel, before the first strip: a region saves no more than that. What follows the first frame is
// not read.
std::unique_ptr<Decoder> make_gif_decoder();

}  // namespace smol
