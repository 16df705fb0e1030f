// PNG files for tests, written with libpng when they are needed, with the pixels that they must decode to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/base/image.h"

namespace smol::test {

struct PngChunk {
  std::string type;
  std::string body;
  bool bad_checksum = false;
};

struct PngRecipe {
  Size size{23, 37};
  int colour_type = 2;  // as in IHDR
  int depth = 8;
  bool interlaced = false;
  bool transparency = false;            // a tRNS chunk: a colour key, or alpha for half of the palette
  std::vector<PngChunk> in_front = {};  // right behind IHDR
  std::vector<PngChunk> behind = {};    // right before IEND
  unsigned seed = 1;
};

struct MadePng {
  std::vector<std::byte> file;
  Image expected;  // RGB: computed from the samples with plain arithmetic, transparent pixels over white
};

MadePng make_png(const PngRecipe& recipe);

// A chunk as it stands in a file.
std::string encode_chunk(const PngChunk& chunk);

// That many zeros as a zlib stream, made without holding them.
std::string deflated_zeros(size_t bytes);

}  // namespace smol::test
