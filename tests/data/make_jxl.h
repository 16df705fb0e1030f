// JPEG XL files from a recipe, through libjxl's encoder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/base/image.h"

namespace smol::test {

struct JxlRecipe {
  Size size{61, 83};
  int channels = 3;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  bool lossless = true;
  bool container = false;
  int orientation = 1;
  int frames = 1;
};

// The pixels of the first frame.
Image jxl_picture(const JxlRecipe& recipe);

std::vector<std::byte> make_jxl(const JxlRecipe& recipe);

// One of each kind.
std::vector<JxlRecipe> jxl_recipes(Size size);

std::string describe(const JxlRecipe& recipe);

}  // namespace smol::test
