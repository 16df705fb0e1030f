// Damaged TIFFs: a cut is an error, a flipped bit never more than an error.
#include <gtest/gtest.h>

#include "make_picture.h"
#include "make_tiff.h"
#include "smol/media/tiff_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

TEST(DamagedTiff, TruncatedAnywhereIsTruncated) {
  const auto decoder = make_tiff_decoder();
  Image picture;
  for (const TiffRecipe& recipe : tiff_recipes({37, 45})) {
    if (recipe.levels > 0) continue;  // what is cut off there may be no part of the picture
    const auto file = make_tiff(recipe);
    // The last two bytes may only make the number of bytes even.
    for (size_t length = 4; length + 2 < file.size(); length += 1 + length % 10) {
      for (const DecodeSpec& spec : {DecodeSpec{}, DecodeSpec{.region = Rect{0, 0, 4, 4}, .read_to_end = true}}) {
        const auto geometry = decode_image(*decoder, std::span(file).first(length), spec, {}, picture);
        ASSERT_FALSE(geometry.ok()) << describe(recipe) << " " << length << " of " << file.size();
        ASSERT_EQ(geometry.error().code, ItemErrorCode::kTruncated)
            << describe(recipe) << " " << length << ": " << geometry.error().message;
      }
      (void)decoder->inspect(std::span(file).first(length));
      (void)decoder->modes(std::span(file).first(length));
    }
  }
}

TEST(DamagedTiff, FlippedBitsDoNotHarm) {
  const auto decoder = make_tiff_decoder();
  Image picture;
  const DecodeLimits limits{.max_pixels = 1'000'000};
  testing::internal::CaptureStderr();
  for (const TiffRecipe& recipe : tiff_recipes({37, 45})) {
    const auto file = make_tiff(recipe);
    const size_t directory = file.size() - std::min<size_t>(file.size(), 300);
    for (size_t bit = 0; bit < file.size() * 8; bit += bit < 128 || bit / 8 > directory ? 1 : 61) {
      std::vector<std::byte> damaged = file;
      damaged[bit / 8] ^= std::byte{1} << bit % 8;
      (void)decode_image(*decoder, damaged, {}, limits, picture);
      (void)decode_image(*decoder, damaged, {.scale_denominator = 4}, limits, picture);
      const auto info = decoder->inspect(damaged);
      (void)decoder->modes(damaged);
      if (!info.ok() || info->stored.pixels() > limits.max_pixels) continue;
      const Size size = info->stored;
      const Rect middle{size.height / 3, size.width / 3, size.height / 3 * 2 + 1, size.width / 3 * 2 + 1};
      (void)decode_image(*decoder, damaged, {.region = middle}, limits, picture);
    }
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

// Noise in the place of the coded pixels, where the code can show it.
TEST(DamagedTiff, NonsenseInsteadOfPixelsIsCorrupt) {
  const auto decoder = make_tiff_decoder();
  Image picture;
  for (const int compression : {5, 7, 8}) {  // LZW, JPEG, deflate
    auto file = make_tiff({.compression = compression, .rows = 0});
    for (size_t i = 20; i < file.size() / 2; ++i) file[i] = static_cast<std::byte>(i * 197 + i * i);
    for (const DecodeSpec& spec : {DecodeSpec{}, DecodeSpec{.region = Rect{50, 0, 61, 4}}}) {
      const auto geometry = decode_image(*decoder, file, spec, {}, picture);
      ASSERT_FALSE(geometry.ok()) << compression;
      EXPECT_EQ(geometry.error().code, ItemErrorCode::kCorrupt) << geometry.error().message;
    }
  }
}

// Damage outside of a region counts only when the file is read to its end.
TEST(DamagedTiff, OnlyBlocksOfTheRegionAreRead) {
  const auto decoder = make_tiff_decoder();
  Image picture;
  for (const int tile : {0, 16}) {
    const auto file = make_tiff({.size = {64, 64}, .compression = 8, .tile = tile});
    auto damaged = file;
    for (size_t i = 10; i < 30; ++i) damaged[i] = std::byte{0};  // of the first strip or tile
    const Rect elsewhere{16, 16, 64, 64};
    EXPECT_FALSE(decode_image(*decoder, damaged, {}, {}, picture).ok());
    EXPECT_TRUE(decode_image(*decoder, damaged, {.region = elsewhere}, {}, picture).ok());
    EXPECT_FALSE(decode_image(*decoder, damaged, {.region = elsewhere, .read_to_end = true}, {}, picture).ok());
  }
}

}  // namespace
}  // namespace smol
