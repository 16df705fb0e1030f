// JPEG through libjpeg-turbo: accurate integer DCT and fancy upsampling, as Pillow decodes.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

std::unique_ptr<Decoder> make_jpeg_decoder();

}  // namespace smol
