// JPEG XL: lossless pictures are the source's samples, regions are parts of the whole, orientation is reported.
#include <gtest/gtest.h>

#include "make_jxl.h"
#include "make_picture.h"
#include "smol/media/jxl_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

Image expected_picture(const JxlRecipe& recipe) {
  const Image source = jxl_picture(recipe);
  Image image(recipe.size, 3);
  for (int y = 0; y < recipe.size.height; ++y) {
    for (int x = 0; x < recipe.size.width; ++x) {
      const uint8_t* pixel = source.view().row(y) + ptrdiff_t{x} * recipe.channels;
      const int alpha = recipe.channels % 2 == 0 ? pixel[recipe.channels - 1] : 255;
      for (int i = 0; i < 3; ++i) {
        const int value = pixel[recipe.channels < 3 ? 0 : i];
        image.view().row(y)[x * 3 + i] = static_cast<uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
      }
    }
  }
  return image;
}

double mean_difference(ConstImageView a, ConstImageView b) {
  double sum = 0;
  for (int y = 0; y < a.size.height; ++y) {
    for (int i = 0; i < a.size.width * 3; ++i) sum += std::abs(a.row(y)[i] - b.row(y)[i]);
  }
  return sum / (a.size.height * a.size.width * 3.0);
}

TEST(JxlDecoder, PixelsAreTheSource) {
  const auto decoder = make_jxl_decoder();
  Image picture;
  for (const Size size : {Size{1, 1}, Size{33, 2}, Size{300, 290}}) {
    for (const JxlRecipe& recipe : jxl_recipes(size)) {
      SCOPED_TRACE(describe(recipe));
      const std::vector<std::byte> file = make_jxl(recipe);
      const auto geometry = decode_image(*decoder, file, {}, {}, picture);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      const Image expected = expected_picture(recipe);
      if (recipe.lossless) {
        EXPECT_TRUE(same_pixels(std::as_const(picture).view(), expected.view()));
      } else if (size.height == 300) {
        EXPECT_LT(mean_difference(std::as_const(picture).view(), expected.view()), 20.0)
            << "the picture is mostly noise";
      }
    }
  }
}

TEST(JxlDecoder, RegionEqualsPartOfFullDecode) {
  std::mt19937 random(31);
  const auto decoder = make_jxl_decoder();
  const Size size{131, 157};
  for (const JxlRecipe& recipe : jxl_recipes(size)) {
    SCOPED_TRACE(describe(recipe));
    const std::vector<std::byte> file = make_jxl(recipe);
    Image whole, part;
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, whole).ok());
    for (int i = 0; i < 20; ++i) {
      const Rect region = random_rect(random, size);
      const auto geometry = decode_image(
          *decoder, file, {.region = region, .read_to_end = i % 2 == 0, .scale_denominator = 2}, {}, part);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      ASSERT_EQ(geometry->covers, region);
      ASSERT_EQ(geometry->scale_denominator, 1);
      ASSERT_TRUE(same_pixels(std::as_const(part).view(), part_of(std::as_const(whole).view(), region)));
    }
  }
}

TEST(JxlDecoder, HeaderTellsOrientationAndSizeAsStored) {
  const auto decoder = make_jxl_decoder();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto info = decoder->inspect(make_jxl({.size = {20, 30}, .channels = 2, .orientation = orientation}));
    ASSERT_TRUE(info.ok());
    EXPECT_EQ(static_cast<int>(info->orientation), orientation);
    EXPECT_EQ(info->stored, (Size{20, 30}));
    EXPECT_EQ(info->colour, ColourModel::kGrey);
    EXPECT_TRUE(info->has_alpha);
  }
}

}  // namespace
}  // namespace smol
