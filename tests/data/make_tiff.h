// TIFF files from a recipe, through libtiff's encoder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/base/geometry.h"

namespace smol::test {

struct TiffRecipe {
  Size size{61, 83};
  int compression = 1;  // TIFFTAG_COMPRESSION
  int photometric = 2;  // TIFFTAG_PHOTOMETRIC
  int samples = 3;
  int bits = 8;
  bool alpha = false;  // the last of the samples, independent
  bool planes = false;
  int predictor = 1;
  int rows = 16;        // of a strip; 0: one strip
  int tile = 0;         // side; 0: strips
  int subsampling = 0;  // of YCbCr, horizontally and vertically
  bool big_endian = false;
  bool big_tiff = false;
  int levels = 0;  // 1/2, 1/4, ... behind the picture
};

std::vector<std::byte> make_tiff(const TiffRecipe& recipe);

// One of each kind.
std::vector<TiffRecipe> tiff_recipes(Size size);

std::string describe(const TiffRecipe& recipe);

}  // namespace smol::test
