// PNG pixels are those that the samples mean, by plain arithmetic, for every colour type and depth.
#include <gtest/gtest.h>

#include <random>

#include "make_picture.h"
#include "make_png.h"
#include "smol/media/png_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

struct Kind {
  int colour_type;
  int depth;
  bool can_be_transparent;
};

constexpr Kind kKinds[] = {{0, 1, true}, {0, 2, true},  {0, 4, true},   {0, 8, true},  {0, 16, true},
                           {2, 8, true}, {2, 16, true}, {3, 1, true},   {3, 2, true},  {3, 4, true},
                           {3, 8, true}, {4, 8, false}, {4, 16, false}, {6, 8, false}, {6, 16, false}};

template <typename Check>
void for_all_recipes(Size size, Check check) {
  for (const Kind& kind : kKinds) {
    for (const bool transparency : {false, true}) {
      if (transparency && !kind.can_be_transparent) continue;
      for (const bool interlaced : {false, true}) {
        const PngRecipe recipe{.size = size,
                               .colour_type = kind.colour_type,
                               .depth = kind.depth,
                               .interlaced = interlaced,
                               .transparency = transparency};
        SCOPED_TRACE("colour type " + std::to_string(kind.colour_type) + " depth " + std::to_string(kind.depth) +
                     (transparency ? " tRNS" : "") + (interlaced ? " interlaced" : "") + " " +
                     std::to_string(size.width) + "x" + std::to_string(size.height));
        check(recipe);
      }
    }
  }
}

TEST(PngDecoder, EqualsPlainArithmetic) {
  for (const Size size : {Size{1, 1}, Size{3, 2}, Size{16, 16}, Size{37, 71}, Size{90, 5}}) {
    for_all_recipes(size, [](const PngRecipe& recipe) {
      const auto [file, expected] = make_png(recipe);
      const auto decoder = make_png_decoder();
      Image picture;
      const auto geometry = decode_image(*decoder, file, {}, {}, picture);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      EXPECT_EQ(geometry->covers, (Rect{0, 0, recipe.size.height, recipe.size.width}));
      ASSERT_TRUE(same_pixels(picture.view(), expected.view()));
    });
  }
}

TEST(PngDecoder, RegionEqualsPartOfFullDecode) {
  std::mt19937 random(11);
  for_all_recipes({53, 41}, [&](const PngRecipe& recipe) {
    const auto [file, expected] = make_png(recipe);
    const auto decoder = make_png_decoder();
    for (int i = 0; i < 10; ++i) {
      const Rect region = random_rect(random, recipe.size);
      Image picture;
      const auto geometry = decode_image(*decoder, file, {.region = region}, {}, picture);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      ASSERT_EQ(geometry->covers, region);
      ASSERT_TRUE(same_pixels(picture.view(), part_of(expected.view(), region)));
    }
  });
}

TEST(PngDecoder, DecodesAtFullSizeWhateverTheScale) {
  const auto [file, expected] = make_png({});
  const auto decoder = make_png_decoder();
  Image picture;
  const auto geometry = decode_image(*decoder, file, DecodeSpec{.scale_denominator = 8}, {}, picture);
  ASSERT_TRUE(geometry.ok());
  EXPECT_EQ(geometry->scale_denominator, 1);
  EXPECT_TRUE(same_pixels(picture.view(), expected.view()));
}

}  // namespace
}  // namespace smol
