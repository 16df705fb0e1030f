// HEIF (HEIC) and AVIF through libheif.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// The primary picture, as libheif shows it: grids put together; cropped, turned and mirrored as the file says (so the
// orientation is always upright: EXIF's does not count, by the standard), converted to 8-bit RGB by libheif; alpha
// over kAlphaBackground. HEVC is decoded by FFmpeg, AV1 by dav1d (heif_plugins.h). Always decoded whole;
// a region only saves the rest of the way.
std::unique_ptr<Decoder> make_heif_decoder();

}  // namespace smol
