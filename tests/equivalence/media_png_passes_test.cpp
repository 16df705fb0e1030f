// The first passes of an interlaced PNG: every pixel has the colour of the last known one above and to the left.
#include <gtest/gtest.h>

#include <random>

#include "make_picture.h"
#include "make_png.h"
#include "smol/media/png_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

// After that many passes, one pixel of each block is known: its first.
constexpr Size kBlocks[] = {{8, 8}, {8, 4}, {4, 4}, {4, 2}, {2, 2}, {2, 1}, {1, 1}};

Image blocky(const Image& full, Size block) {
  Image picture(full.size(), 3);
  for (int y = 0; y < full.size().height; ++y) {
    for (int x = 0; x < full.size().width; ++x) {
      const uint8_t* known = full.view().row(y - y % block.height) + (x - x % block.width) * 3;
      std::copy(known, known + 3, picture.view().row(y) + x * 3);
    }
  }
  return picture;
}

TEST(PngPasses, FillBlocks) {
  std::mt19937 random(21);
  const auto decoder = make_png_decoder();
  for (const Size size : {Size{1, 1}, Size{3, 2}, Size{2, 9}, Size{9, 4}, Size{16, 16}, Size{53, 41}}) {
    for (const auto& [colour_type, depth] : {std::pair{0, 1}, {0, 16}, {2, 8}, {3, 2}, {4, 8}, {6, 16}}) {
      const auto [file, expected] =
          make_png({.size = size, .colour_type = colour_type, .depth = depth, .interlaced = true});
      for (int passes = 1; passes <= 8; ++passes) {
        SCOPED_TRACE(std::to_string(size.width) + "x" + std::to_string(size.height) + " colour type " +
                     std::to_string(colour_type) + " passes " + std::to_string(passes));
        const Image blocks = blocky(expected, kBlocks[std::min(passes, 7) - 1]);
        Image picture;
        ASSERT_TRUE(decode_image(*decoder, file, {.first_scans = passes}, {}, picture).ok());
        ASSERT_TRUE(same_pixels(std::as_const(picture).view(), blocks.view()));
        const Rect region = random_rect(random, size);
        ASSERT_TRUE(decode_image(*decoder, file, {.region = region, .first_scans = passes}, {}, picture).ok());
        ASSERT_TRUE(same_pixels(std::as_const(picture).view(), part_of(blocks.view(), region)));
      }
    }
  }
}

TEST(PngPasses, OfAFileWithoutThemAreAllOfIt) {
  const auto [file, expected] = make_png({});
  Image picture;
  ASSERT_TRUE(decode_image(*make_png_decoder(), file, {.first_scans = 1}, {}, picture).ok());
  EXPECT_TRUE(same_pixels(std::as_const(picture).view(), expected.view()));
}

TEST(PngPasses, AreOfferedOfInterlacedFiles) {
  const auto decoder = make_png_decoder();
  EXPECT_EQ(decoder->modes(make_png({}).file)->size(), 1u);
  const auto file = make_png({.size = {20, 30}, .interlaced = true}).file;
  const auto modes = decoder->modes(file);
  ASSERT_TRUE(modes.ok());
  ASSERT_EQ(modes->size(), 3u);
  for (const DecodeMode& mode : *modes) {
    Image picture;
    ASSERT_TRUE(decode_image(*decoder, file, mode.spec, {}, picture).ok());
    EXPECT_EQ(picture.size(), mode.size);
  }
}

TEST(PngPasses, DamageIsAValueOrAnError) {
  std::mt19937 random(22);
  const auto decoder = make_png_decoder();
  const auto file = make_png({.size = {40, 50}, .interlaced = true}).file;
  Image picture;
  for (size_t length = 0; length < file.size(); ++length) {
    const auto cut = decode_image(*decoder, std::span(file).first(length), {.first_scans = 5}, {}, picture);
    ASSERT_FALSE(cut.ok()) << length;
  }
  for (int round = 0; round < 3000; ++round) {
    auto damaged = file;
    for (size_t flips = 1 + random() % 4; flips > 0; --flips) {
      damaged[random() % damaged.size()] ^= std::byte{1} << random() % 8;
    }
    (void)decode_image(*decoder, damaged, {.first_scans = 5}, {.max_pixels = 100'000}, picture);
  }
  EXPECT_TRUE(decode_image(*decoder, file, {.first_scans = 5}, {}, picture).ok());
}

}  // namespace
}  // namespace smol
