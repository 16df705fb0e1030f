// HEIF and AVIF files for tests, written with libheif when they are needed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "smol/base/image.h"

namespace smol::test {

struct HeifRecipe {
  Size size{96, 128};
  bool av1 = false;            // AVIF; otherwise HEVC
  const char* chroma = "420";  // or "422", "444"
  int quality = 60;
  bool alpha = false;      // half of the picture is half transparent
  int thumbnail_side = 0;  // 0: none
  unsigned seed = 1;
};

// Throws std::runtime_error if libheif has no such encoder.
std::vector<std::byte> make_heif(const HeifRecipe& recipe);

// What libheif makes of it with the decoders that it brings along (libde265, dav1d): RGB, or RGBA with alpha.
Image plain_heif_decode(std::span<const std::byte> file, int channels);

}  // namespace smol::test
