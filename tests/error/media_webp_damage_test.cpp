// Damaged WebPs: a cut is an error, a flipped bit never more than an error, limits hold before memory is taken.
#include <gtest/gtest.h>

#include <cstring>

#include "make_picture.h"
#include "make_webp.h"
#include "smol/media/webp_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

std::vector<WebpRecipe> small_recipes() { return webp_recipes({37, 45}); }

TEST(DamagedWebp, TruncatedAnywhereIsTruncated) {
  const auto decoder = make_webp_decoder();
  Image picture;
  for (const WebpRecipe& recipe : small_recipes()) {
    const auto file = make_webp(recipe);
    for (size_t length = 12; length < file.size(); ++length) {
      for (const DecodeSpec& spec : {DecodeSpec{}, DecodeSpec{.region = Rect{0, 0, 4, 4}, .read_to_end = true}}) {
        const auto geometry = decode_image(*decoder, std::span(file).first(length), spec, {}, picture);
        ASSERT_FALSE(geometry.ok()) << describe(recipe) << " " << length;
        ASSERT_EQ(geometry.error().code, ItemErrorCode::kTruncated) << geometry.error().message;
      }
      (void)decoder->inspect(std::span(file).first(length));
    }
  }
}

TEST(DamagedWebp, FlippedBitsDoNotHarm) {
  const auto decoder = make_webp_decoder();
  Image picture;
  for (const WebpRecipe& recipe : small_recipes()) {
    const auto file = make_webp(recipe);
    for (size_t bit = 0; bit < file.size() * 8; bit += bit < 800 ? 1 : 13) {
      std::vector<std::byte> damaged = file;
      damaged[bit / 8] ^= std::byte{1} << bit % 8;
      (void)decode_image(*decoder, damaged, {}, {.max_pixels = 1'000'000}, picture);
      const auto info = decoder->inspect(damaged);
      if (!info.ok() || info->stored.pixels() > 1'000'000) continue;
      const Size size = info->stored;
      const Rect middle{size.height / 3, size.width / 3, size.height / 3 * 2 + 1, size.width / 3 * 2 + 1};
      (void)decode_image(*decoder, damaged, {.region = middle}, {}, picture);
    }
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
}

// The container is whole, but the coded picture in it is not.
TEST(DamagedWebp, CodedPictureTooShortIsCorrupt) {
  const auto decoder = make_webp_decoder();
  Image picture;
  for (const WebpRecipe& recipe : {WebpRecipe{}, WebpRecipe{.lossless = true}}) {
    auto file = make_webp(recipe);
    file.resize((file.size() / 3 + 20) & ~size_t{1});
    const auto riff_bytes = static_cast<uint32_t>(file.size() - 8), chunk_bytes = riff_bytes - 12;
    std::memcpy(file.data() + 4, &riff_bytes, 4);
    std::memcpy(file.data() + 16, &chunk_bytes, 4);
    const auto whole = decode_image(*decoder, file, {}, {}, picture);
    ASSERT_FALSE(whole.ok());
    EXPECT_EQ(whole.error().code, ItemErrorCode::kCorrupt);
    const DecodeSpec corner{.region = Rect{0, 0, 4, 4}, .read_to_end = true};
    EXPECT_FALSE(decode_image(*decoder, file, corner, {}, picture).ok()) << "damage below the region counts";
  }
}

TEST(DamagedWebp, TooManyPixelsAreRefused) {
  const auto decoder = make_webp_decoder();
  const auto file = make_webp({.size = {50, 40}});
  Image picture;
  EXPECT_TRUE(decode_image(*decoder, file, {}, {.max_pixels = 2000}, picture).ok());
  const auto geometry = decode_image(*decoder, file, {}, {.max_pixels = 1999}, picture);
  ASSERT_FALSE(geometry.ok());
  EXPECT_EQ(geometry.error().code, ItemErrorCode::kTooManyPixels);
}

}  // namespace
}  // namespace smol
