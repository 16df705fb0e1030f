// Every PNG through libpng: what png_decoder.h does not do faster, and the oracle of what it does.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// As make_png_decoder(), to the bit.
std::unique_ptr<Decoder> make_libpng_decoder();

}  // namespace smol
