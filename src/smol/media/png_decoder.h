// PNG through libpng: every colour type and depth becomes RGB u8, alpha over kAlphaBackground.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

std::unique_ptr<Decoder> make_png_decoder();

}  // namespace smol
