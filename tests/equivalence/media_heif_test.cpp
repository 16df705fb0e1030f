// HEIF and AVIF are the pixels of libheif with the decoders that it brings along; a region is a part of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string_view>

#include "make_heif.h"
#include "make_picture.h"
#include "smol/media/alpha.h"
#include "smol/media/heif_boxes.h"
#include "smol/media/heif_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

// Of a box's contents.
size_t place_of(std::string_view box, std::span<const std::byte> file) {
  return std::string_view(reinterpret_cast<const char*>(file.data()), file.size()).find(box) + box.size();
}

template <typename Check>
void for_all_recipes(Check check) {
  for (const bool av1 : {false, true}) {
    for (const char* chroma : {"420", "422", "444"}) {
      for (const Size size : {Size{96, 128}, Size{64, 66}, Size{150, 70}, Size{75, 101}}) {
        const HeifRecipe recipe{
            .size = size, .av1 = av1, .chroma = chroma, .seed = static_cast<unsigned>(size.width)};
        SCOPED_TRACE(std::string(av1 ? "AV1 " : "HEVC ") + chroma + " " + std::to_string(size.width));
        check(recipe);
      }
    }
  }
}

Image decoded(std::span<const std::byte> file, const DecodeSpec& spec = {}) {
  Image picture;
  const auto geometry = decode_image(*make_heif_decoder(), file, spec, {}, picture);
  EXPECT_TRUE(geometry.ok()) << geometry.error().message;
  return picture;
}

double psnr(const Image& a, const Image& b) {
  double squares = 0;
  for (int y = 0; y < a.size().height; ++y) {
    for (int x = 0; x < a.size().width * 3; ++x) {
      const double difference = a.view().row(y)[x] - b.view().row(y)[x];
      squares += difference * difference;
    }
  }
  return squares == 0 ? 99 : 10 * std::log10(255.0 * 255 * static_cast<double>(a.size().pixels()) * 3 / squares);
}

int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (int y = 0; y < a.size().height; ++y) {
    for (int x = 0; x < a.size().width * 3; ++x) {
      largest = std::max(largest, std::abs(a.view().row(y)[x] - b.view().row(y)[x]));
    }
  }
  return largest;
}

// Both round: libheif from floats, smol from 16-bit fixed point.
TEST(HeifDecoder, HasThePixelsOfLibheifsOwnDecodersToALevel) {
  for_all_recipes([](const HeifRecipe& recipe) {
    const std::vector<std::byte> file = make_heif(recipe);
    const Image expected = plain_heif_decode(file, 3);
    const Image picture = decoded(file);
    ASSERT_EQ(picture.size(), expected.size());
    EXPECT_LE(largest_difference(picture, expected), 1);
  });
}

// So that the tests above are about both ways: libheif's encoder puts odd sizes of HEVC into a grid of one tile.
TEST(HeifBoxes, TellWhatIsShown) {
  EXPECT_EQ(heif_structure(make_heif({})), HeifStructure::kPlain);
  EXPECT_EQ(heif_structure(make_heif({.av1 = true})), HeifStructure::kPlain);
  const std::vector<std::byte> odd = make_heif({.size = {75, 101}});
  EXPECT_EQ(heif_structure(odd), HeifStructure::kOneTile);
  std::vector<std::byte> two_rows = odd;
  two_rows[place_of("idat", odd) + 2] = std::byte{1};
  EXPECT_EQ(heif_structure(two_rows), HeifStructure::kOther);
  for (size_t size = 0; size < place_of("mdat", odd) - 8; ++size) {
    EXPECT_EQ(heif_structure(Bytes(odd).first(size)), HeifStructure::kOther);
  }
}

TEST(HeifDecoder, CompositesAlphaOverTheBackground) {
  for (const bool av1 : {false, true}) {
    const HeifRecipe recipe{.av1 = av1, .alpha = true};
    const std::vector<std::byte> file = make_heif(recipe);
    const Image rgba = plain_heif_decode(file, 4);
    Image expected(rgba.size(), 3);
    for (int y = 0; y < rgba.size().height; ++y) {
      composite_over_background(rgba.view().row(y), rgba.size().width, kAlphaBackground, expected.view().row(y));
    }
    ASSERT_TRUE(same_pixels(decoded(file).view(), std::as_const(expected).view()));
  }
}

TEST(HeifDecoder, RegionIsPartOfTheFullDecode) {
  std::mt19937 random(3);
  for_all_recipes([&](const HeifRecipe& recipe) {
    const std::vector<std::byte> file = make_heif(recipe);
    const Image full = decoded(file);
    const auto decoder = make_heif_decoder();
    for (int i = 0; i < 5; ++i) {
      Image picture;
      const auto geometry = decode_image(*decoder, file, {.region = random_rect(random, recipe.size)}, {}, picture);
      ASSERT_TRUE(geometry.ok());
      ASSERT_TRUE(same_pixels(picture.view(), part_of(full.view(), geometry->covers)));
    }
  });
}

TEST(HeifDecoder, WithoutFiltersIsNearTheFullDecodeAndNotIt) {
  for (const bool av1 : {false, true}) {
    const std::vector<std::byte> file = make_heif({.size = {256, 256}, .av1 = av1, .quality = 20});
    const Image full = decoded(file);
    const double level = psnr(full, decoded(file, {.skip_filters = true}));
    EXPECT_GT(level, 25);
    EXPECT_LT(level, 99) << "the filters were not left out";
    const DecodeSpec keeps_references{.skip_filters = true, .keep_reference_filters = true};
    EXPECT_EQ(psnr(full, decoded(file, keeps_references)), level) << "no other picture is predicted from it";
    EXPECT_EQ(psnr(full, decoded(file)), 99) << "and are back afterwards";
  }
}

TEST(HeifDecoder, ThumbnailIsAPictureOfItsOwn) {
  const std::vector<std::byte> file = make_heif({.size = {192, 256}, .thumbnail_side = 64});
  const auto decoder = make_heif_decoder();
  EXPECT_EQ(decoder->inspect(file)->thumbnail, (Size{48, 64}));
  Image picture;
  const auto geometry = decode_image(*decoder, file, {.thumbnail = true}, {}, picture);
  ASSERT_TRUE(geometry.ok());
  EXPECT_EQ(geometry->full, (Size{48, 64}));
  const std::vector<std::byte> without = make_heif({});
  ASSERT_TRUE(decode_image(*decoder, without, {.thumbnail = true}, {}, picture).ok());
  EXPECT_EQ(picture.size(), (Size{96, 128})) << "in full where there is none";
}

TEST(HeifDecoder, RefusesMorePixelsThanTheLimit) {
  Image picture;
  const auto refused = decode_image(*make_heif_decoder(), make_heif({}), {}, {.max_pixels = 96 * 128 - 1}, picture);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ItemErrorCode::kTooManyPixels);
}

// The container's size is what the limit is first held against; the coded picture need not have it.
TEST(HeifDecoder, RefusesACodedPictureOfMorePixelsThanTheFileSays) {
  for (const bool av1 : {false, true}) {
    SCOPED_TRACE(av1 ? "AV1" : "HEVC");
    std::vector<std::byte> file = make_heif({.size = {1088, 1088}, .av1 = av1, .quality = 1});
    const size_t sides = place_of("ispe", file) + 4;  // 4 bytes each
    for (const size_t side : {sides, sides + 4}) {
      file[side + 2] = std::byte{0};
      file[side + 3] = std::byte{64};
    }
    const auto decoder = make_heif_decoder();
    ASSERT_EQ(decoder->inspect(file)->stored, (Size{64, 64}));
    Image picture;
    const auto refused = decode_image(*decoder, file, {}, {.max_pixels = 64 * 64}, picture);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ItemErrorCode::kTooManyPixels) << refused.error().message;
    const auto within = decode_image(*decoder, file, {}, {.max_pixels = 1 << 20}, picture);
    ASSERT_FALSE(within.ok());
    EXPECT_EQ(within.error().code, ItemErrorCode::kCorrupt) << "within the limit it is another size, and no more";
  }
}

TEST(HeifDecoder, DamageIsAnErrorOrAPicture) {
  std::mt19937 random(9);
  for (const bool av1 : {false, true}) {
    for (const bool alpha : {false, true}) {
      const std::vector<std::byte> whole = make_heif({.av1 = av1, .alpha = alpha, .thumbnail_side = 32});
      const auto decoder = make_heif_decoder();
      Image picture;
      for (size_t tenth = 1; tenth < 10; ++tenth) {
        const auto cut = std::span(whole).first(whole.size() * tenth / 10);
        const auto said = decode_image(*decoder, cut, {}, {}, picture);
        ASSERT_FALSE(said.ok()) << tenth << " tenths";
      }
      for (int i = 0; i < 200; ++i) {
        std::vector<std::byte> flipped = whole;
        for (int flips = 0; flips <= i % 4; ++flips) {
          flipped[random() % flipped.size()] ^= static_cast<std::byte>(1 << random() % 8);
        }
        const auto said = decode_image(*decoder, flipped, {}, {.max_pixels = 1 << 20}, picture);
        if (!said.ok()) {
          EXPECT_FALSE(said.error().message.empty());
        }
        (void)decoder->inspect(flipped).ok();
        (void)decoder->modes(flipped).ok();
      }
    }
  }
}

}  // namespace
}  // namespace smol
