// Damaged JPEG XL: a cut is an error, a flipped bit never more than one, limits hold before memory is taken.
#include <gtest/gtest.h>

#include "make_jxl.h"
#include "make_picture.h"
#include "smol/media/jxl_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

TEST(DamagedJxl, TruncatedAnywhereIsTruncated) {
  const auto decoder = make_jxl_decoder();
  Image picture;
  for (const JxlRecipe& recipe : jxl_recipes({37, 45})) {
    if (recipe.frames > 1) continue;  // what is behind the first frame is not read
    const auto file = make_jxl(recipe);
    for (size_t length = 2; length < file.size(); length += length < 200 || length + 50 > file.size() ? 1 : 7) {
      const auto part = std::span(file).first(length);
      const auto geometry = decode_image(*decoder, part, {}, {}, picture);
      ASSERT_FALSE(geometry.ok()) << describe(recipe) << " " << length << " of " << file.size();
      ASSERT_EQ(geometry.error().code, ItemErrorCode::kTruncated) << describe(recipe) << " " << length;
      (void)decoder->inspect(part);
    }
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
}

TEST(DamagedJxl, FlippedBitsDoNotHarm) {
  const auto decoder = make_jxl_decoder();
  Image picture;
  // Debian's libjxl prints a trace of each failure, which no call of it can turn off.
  testing::internal::CaptureStderr();
  for (const JxlRecipe& recipe : jxl_recipes({37, 45})) {
    const auto file = make_jxl(recipe);
    for (size_t bit = 0; bit < file.size() * 8; bit += bit < 1000 ? 1 : 37) {
      auto damaged = file;
      damaged[bit / 8] ^= std::byte{1} << bit % 8;
      (void)decode_image(*decoder, damaged, {}, {.max_pixels = 1'000'000}, picture);
      (void)decoder->inspect(damaged);
    }
    EXPECT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
  (void)testing::internal::GetCapturedStderr();
}

TEST(DamagedJxl, TooManyPixelsAreRefused) {
  const auto decoder = make_jxl_decoder();
  const auto file = make_jxl({.size = {50, 40}});
  Image picture;
  EXPECT_TRUE(decode_image(*decoder, file, {}, {.max_pixels = 2000}, picture).ok());
  const auto geometry = decode_image(*decoder, file, {}, {.max_pixels = 1999}, picture);
  ASSERT_FALSE(geometry.ok());
  EXPECT_EQ(geometry.error().code, ItemErrorCode::kTooManyPixels);
}

}  // namespace
}  // namespace smol
