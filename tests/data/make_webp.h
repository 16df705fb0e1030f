// WebP files from a recipe, through libwebp's encoder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/base/geometry.h"

namespace smol::test {

struct WebpRecipe {
  Size size{61, 83};
  bool lossless = false;
  bool alpha = false;
  bool simple_filter = false;  // of a lossy picture
  int partitions = 0;          // of a lossy picture: 2 to this power
};

std::vector<std::byte> make_webp(const WebpRecipe& recipe);

// One of each kind.
std::vector<WebpRecipe> webp_recipes(Size size);

std::string describe(const WebpRecipe& recipe);

}  // namespace smol::test
