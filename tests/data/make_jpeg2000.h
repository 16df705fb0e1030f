// JPEG 2000 files from a recipe, through OpenJPEG's encoder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/base/geometry.h"

namespace smol::test {

struct Jpeg2000Recipe {
  Size size{61, 83};
  int channels = 3;
  int depth = 8;
  bool is_signed = false;
  bool boxed = true;
  bool sycc = false;
  int chroma_step_x = 1;
  int chroma_step_y = 1;
  bool alpha = false;  // the last channel
  bool lossy = false;
  Size tile{};  // {0, 0}: one
  Size offset{};
  int levels = 5;
  int block_side = 64;
  int precinct_side = 0;  // 0: the largest
  int layers = 1;
  int progression = 0;  // OPJ_PROG_ORDER
};

// Sample `channel` of the pixel, 0 to 2^depth - 1; where a sample serves several pixels, of the first of them.
int jpeg2000_sample(const Jpeg2000Recipe& recipe, int channel, int y, int x);

std::vector<std::byte> make_jpeg2000(const Jpeg2000Recipe& recipe);

// One of each kind, lossless and lossy.
std::vector<Jpeg2000Recipe> jpeg2000_recipes(Size size);

std::string describe(const Jpeg2000Recipe& recipe);

}  // namespace smol::test
