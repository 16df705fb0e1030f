// A region's pixels are bit-identical to the same part of the full decode, at every scale and sampling.
#include <gtest/gtest.h>

#include <random>

#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/base/error.h"
#include "smol/media/jpeg_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

std::string text(const Rect& rect) {
  return std::to_string(rect.left) + "," + std::to_string(rect.top) + " to " + std::to_string(rect.right) + "," +
         std::to_string(rect.bottom);
}

void check_regions(const JpegRecipe& recipe, std::mt19937& random, int count) {
  const auto jpeg = make_jpeg(recipe);
  const auto decoder = make_jpeg_decoder();
  for (const int denominator : {1, 2, 4, 8}) {
    Image whole;
    ASSERT_TRUE(decode_image(*decoder, jpeg, {.region = {}, .scale_denominator = denominator}, {}, whole).ok());
    for (int i = 0; i < count; ++i) {
      const Rect region = random_rect(random, recipe.size);
      SCOPED_TRACE("region " + text(region) + " of " + text({0, 0, recipe.size.height, recipe.size.width}) +
                   " scale 1/" + std::to_string(denominator) + " sampling " + std::to_string(recipe.horizontal) +
                   "x" + std::to_string(recipe.vertical) + (recipe.progressive ? " progressive" : "") + " dropped " +
                   std::to_string(recipe.dropped_scans) + " restart " + std::to_string(recipe.restart_interval) +
                   " colour " + std::to_string(static_cast<int>(recipe.colour)));
      Image part;
      const auto geometry =
          decode_image(*decoder, jpeg, {.region = region, .scale_denominator = denominator}, {}, part);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      const Rect& covers = geometry->covers;
      ASSERT_LE(covers.top, region.top);
      ASSERT_LE(covers.left, region.left);
      ASSERT_GE(covers.bottom, region.bottom);
      ASSERT_GE(covers.right, region.right);
      ASSERT_EQ(covers.height(), geometry->size.height * denominator);
      ASSERT_EQ(covers.width(), geometry->size.width * denominator);
      const Rect output{covers.top / denominator, covers.left / denominator, covers.bottom / denominator,
                        covers.right / denominator};
      ASSERT_TRUE(same_pixels(part.view(), part_of(whole.view(), output)));
    }
  }
}

TEST(JpegRegion, EqualsPartOfFullDecode) {
  std::mt19937 random(20240611);
  const std::pair<int, int> samplings[] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {1, 4}, {4, 2}, {2, 4}, {3, 1}};
  const Size sizes[] = {{120, 160}, {97, 211}, {203, 75}, {19, 400}};
  for (const auto& [horizontal, vertical] : samplings) {
    for (const Size size : sizes) {
      for (const int restart : {0, 1, 5}) {
        check_regions({.size = size, .horizontal = horizontal, .vertical = vertical, .restart_interval = restart},
                      random, 12);
      }
      check_regions({.size = size, .horizontal = horizontal, .vertical = vertical, .progressive = true}, random, 12);
      // Without its last scans a progressive file is smoothed across blocks.
      for (const int dropped : {1, 4, 8}) {
        check_regions({.size = size,
                       .horizontal = horizontal,
                       .vertical = vertical,
                       .progressive = true,
                       .dropped_scans = dropped},
                      random, 4);
      }
    }
  }
}

TEST(JpegRegion, EqualsPartOfFullDecodeInOtherColours) {
  std::mt19937 random(7);
  for (const JpegColour colour : {JpegColour::kGrey, JpegColour::kRgb, JpegColour::kCmyk, JpegColour::kYcck}) {
    for (const Size size : {Size{111, 171}, Size{64, 48}}) {
      for (const int factor : {1, 2}) {
        const JpegRecipe recipe{.size = size, .colour = colour, .horizontal = factor, .vertical = factor};
        check_regions(recipe, random, 20);
      }
    }
  }
}

TEST(JpegRegion, LeavesWhatIsBelowUnread) {
  auto jpeg = make_jpeg({.size = {400, 100}});
  jpeg.resize(jpeg.size() / 2);
  const auto decoder = make_jpeg_decoder();
  Image picture;
  EXPECT_TRUE(decode_image(*decoder, jpeg, {.region = Rect{40, 10, 100, 90}}, {}, picture).ok());
  const auto below = decode_image(*decoder, jpeg, {.region = Rect{350, 10, 400, 90}}, {}, picture);
  ASSERT_FALSE(below.ok());
  EXPECT_EQ(below.error().code, ItemErrorCode::kTruncated);
}

TEST(JpegRegion, RefusesRegionsOutsideThePicture) {
  const auto jpeg = make_jpeg({.size = {30, 40}});
  const auto decoder = make_jpeg_decoder();
  for (const Rect region :
       {Rect{0, 0, 31, 40}, Rect{0, 0, 30, 41}, Rect{-1, 0, 5, 5}, Rect{5, 5, 5, 9}, Rect{9, 5, 5, 9}}) {
    EXPECT_THROW((void)decoder->open(jpeg, {.region = region}, {}), Error);
    EXPECT_EQ(decoder->next_strip()->rgb.size.height, 0);
  }
  EXPECT_THROW((void)decoder->open(jpeg, {.region = {}, .scale_denominator = 3}, {}), Error);
}

}  // namespace
}  // namespace smol
