// JPEG pixels are those of libjpeg's plain full decode, and CMYK becomes RGB by Pillow's formula.
#include <gtest/gtest.h>

#include <cmath>

#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/jpeg_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

Image decode(std::span<const std::byte> jpeg, int denominator = 1) {
  const auto decoder = make_jpeg_decoder();
  Image picture;
  const auto geometry = decode_image(*decoder, jpeg, {.region = {}, .scale_denominator = denominator}, {}, picture);
  EXPECT_TRUE(geometry.ok()) << geometry.error().message;
  return picture;
}

std::string describe(const JpegRecipe& recipe) {
  return std::to_string(recipe.size.width) + "x" + std::to_string(recipe.size.height) + " colour " +
         std::to_string(static_cast<int>(recipe.colour)) + " sampling " + std::to_string(recipe.horizontal) + "x" +
         std::to_string(recipe.vertical) + (recipe.progressive ? " progressive" : "") + " dropped " +
         std::to_string(recipe.dropped_scans) + " restart " + std::to_string(recipe.restart_interval);
}

TEST(JpegDecoder, EqualsPlainDecode) {
  const Size sizes[] = {{1, 1}, {7, 5}, {8, 8}, {16, 17}, {33, 100}, {131, 67}};
  const std::pair<int, int> samplings[] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {4, 2}, {3, 1}};
  for (const Size size : sizes) {
    for (const auto& [horizontal, vertical] : samplings) {
      for (int variant = 0; variant < 4; ++variant) {
        for (const JpegColour colour : {JpegColour::kYcbcr, JpegColour::kGrey, JpegColour::kRgb}) {
          const JpegRecipe recipe{.size = size,
                                  .colour = colour,
                                  .horizontal = horizontal,
                                  .vertical = vertical,
                                  .progressive = variant >= 2,
                                  .dropped_scans = variant == 3 ? 3 : 0,
                                  .restart_interval = variant == 1 ? 2 : 0};
          SCOPED_TRACE(describe(recipe));
          const auto jpeg = make_jpeg(recipe);
          for (const int denominator : {1, 2, 4, 8}) {
            ASSERT_TRUE(same_pixels(decode(jpeg, denominator).view(), plain_jpeg_decode(jpeg, denominator).view()))
                << "scale 1/" << denominator;
          }
        }
      }
    }
  }
}

TEST(JpegDecoder, DecodesArithmeticCoding) {
  const auto jpeg = make_jpeg({.size = {50, 70}, .horizontal = 2, .vertical = 2, .arithmetic = true});
  EXPECT_TRUE(same_pixels(decode(jpeg).view(), plain_jpeg_decode(jpeg).view()));
}

// Image.convert("RGB") of a CMYK picture, whose inks are what the file holds, inverted.
TEST(JpegDecoder, ConvertsInksAsPillow) {
  for (const JpegColour colour : {JpegColour::kCmyk, JpegColour::kYcck}) {
    const auto jpeg = make_jpeg({.size = {61, 45}, .colour = colour, .horizontal = 2, .vertical = 2});
    const Image inks = plain_jpeg_decode(jpeg);
    const Image rgb = decode(jpeg);
    ASSERT_EQ(rgb.size(), inks.size());
    for (int y = 0; y < rgb.size().height; ++y) {
      for (int x = 0; x < rgb.size().width; ++x) {
        const uint8_t* stored = inks.view().row(y) + x * 4;
        const int black = 255 - stored[3];
        for (int c = 0; c < 3; ++c) {
          const int ink = 255 - stored[c];
          const long expected = 255 - black - std::lround(ink * (255 - black) / 255.0);
          ASSERT_EQ(rgb.view().row(y)[x * 3 + c], expected) << x << "," << y;
        }
      }
    }
  }
}

TEST(JpegDecoder, DoesNotRememberTablesOfTheLastFile) {
  const auto decoder = make_jpeg_decoder();
  const auto good = make_jpeg({.size = {64, 64}});
  auto bare = good;  // without quantisation tables
  for (size_t i = 2; i + 1 < bare.size(); ++i) {
    if (bare[i] == std::byte{0xff} && bare[i + 1] == std::byte{0xdb}) bare[i + 1] = std::byte{0xfe};  // a comment
  }
  Image picture;
  ASSERT_TRUE(decode_image(*decoder, good, {}, {}, picture).ok());
  EXPECT_FALSE(decode_image(*decoder, bare, {}, {}, picture).ok());
  EXPECT_TRUE(decode_image(*decoder, good, {}, {}, picture).ok());
}

}  // namespace
}  // namespace smol
