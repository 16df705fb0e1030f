// Damaged and hostile JPEG 2000: a cut is an error, a flipped bit never more than one, limits hold before memory is
// taken.
#include <gtest/gtest.h>

#include <algorithm>

#include "make_jpeg2000.h"
#include "make_picture.h"
#include "smol/media/jpeg2000_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

using File = std::vector<std::byte>;

void put(File& file, size_t offset, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) file[offset + static_cast<size_t>(i)] = std::byte(value & 255);
}

size_t find(const File& file, std::initializer_list<int> marker) {
  std::vector<std::byte> pattern;
  for (const int value : marker) pattern.push_back(std::byte(value));
  const auto found = std::search(file.begin(), file.end(), pattern.begin(), pattern.end());
  EXPECT_NE(found, file.end());
  return static_cast<size_t>(found - file.begin());
}

ItemErrorCode code_of(const File& file, const DecodeLimits& limits = {}) {
  const auto decoder = make_jpeg2000_decoder();
  Image picture;
  const auto geometry = decode_image(*decoder, file, {}, limits, picture);
  EXPECT_FALSE(geometry.ok());
  return geometry.ok() ? ItemErrorCode::kNotFound : geometry.error().code;
}

TEST(DamagedJpeg2000, TruncatedAnywhereIsTruncated) {
  const auto decoder = make_jpeg2000_decoder();
  Image picture;
  for (const Jpeg2000Recipe& recipe : jpeg2000_recipes({37, 45})) {
    const File file = make_jpeg2000(recipe);
    for (size_t length = 4; length<file.size(); length += length + 100> file.size() ? 1 : 3) {
      const auto part = std::span(file).first(length);
      for (const DecodeSpec& spec : {DecodeSpec{}, DecodeSpec{.region = Rect{0, 0, 4, 4}, .scale_denominator = 2}}) {
        const auto geometry = decode_image(*decoder, part, spec, {}, picture);
        ASSERT_FALSE(geometry.ok()) << describe(recipe) << " " << length;
        ASSERT_EQ(geometry.error().code, ItemErrorCode::kTruncated) << geometry.error().message << " " << length;
      }
      (void)decoder->modes(part);
    }
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
}

TEST(DamagedJpeg2000, FlippedBitsDoNotHarm) {
  const auto decoder = make_jpeg2000_decoder();
  Image picture;
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  for (const Jpeg2000Recipe& recipe : jpeg2000_recipes({37, 45})) {
    const File file = make_jpeg2000(recipe);
    for (size_t bit = 0; bit < file.size() * 8; bit += bit < 2400 ? 1 : 29) {
      File damaged = file;
      damaged[bit / 8] ^= std::byte{1} << bit % 8;
      (void)decode_image(*decoder, damaged, {}, {.max_pixels = 1'000'000}, picture);
      const auto info = decoder->inspect(damaged);
      if (bit % 3 != 0 || !info.ok() || info->stored.pixels() > 1'000'000) continue;
      const Size size = info->stored;
      const Rect middle{size.height / 3, size.width / 3, size.height / 3 * 2 + 1, size.width / 3 * 2 + 1};
      const DecodeSpec spec{.region = middle, .scale_denominator = bit % 2 == 0 ? 1 : 2};
      (void)decode_image(*decoder, damaged, spec, {.max_pixels = 1'000'000}, picture);
    }
    EXPECT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok()) << "the decoder is as good as new";
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(DamagedJpeg2000, TooManyPixelsAreRefused) {
  const auto decoder = make_jpeg2000_decoder();
  File file = make_jpeg2000({.size = {50, 40}, .boxed = false});
  Image picture;
  EXPECT_TRUE(decode_image(*decoder, file, {}, {.max_pixels = 2000}, picture).ok());
  EXPECT_EQ(code_of(file, {.max_pixels = 1999}), ItemErrorCode::kTooManyPixels);
  const size_t size = find(file, {0xff, 0x51});
  for (const size_t field : {6, 10, 22, 26}) put(file, size + field, 65535, 4);
  EXPECT_EQ(code_of(file), ItemErrorCode::kTooManyPixels);
  put(file, size + 6, 0xffffffff, 4);
  EXPECT_EQ(code_of(file), ItemErrorCode::kTooManyPixels);
}

// Each of these is some hundred bytes that would make the library take gigabytes or minutes.
TEST(DamagedJpeg2000, CostOutOfProportionIsRefused) {
  const File file = make_jpeg2000({.size = {50, 40}, .channels = 1, .boxed = false, .precinct_side = 64});
  const size_t size = find(file, {0xff, 0x51}), coding = find(file, {0xff, 0x52});
  const auto with_sides = [&](int picture, int tile) {
    File large = file;
    for (const size_t field : {6, 10}) put(large, size + field, static_cast<uint64_t>(picture), 4);
    for (const size_t field : {22, 26}) put(large, size + field, static_cast<uint64_t>(tile), 4);
    return large;
  };
  EXPECT_EQ(code_of(with_sides(2550, 10)), ItemErrorCode::kUnsupportedFormat) << "65025 tiles of 10 x 10";
  EXPECT_EQ(code_of(with_sides(13000, 10)), ItemErrorCode::kCorrupt) << "more tiles than can be numbered";
  EXPECT_EQ(code_of(with_sides(13000, 13000)), ItemErrorCode::kCorrupt) << "large, but no bomb: the data end";

  File tiny_blocks = with_sides(13000, 13000);
  put(tiny_blocks, coding + 10, 0, 2);
  EXPECT_EQ(code_of(tiny_blocks), ItemErrorCode::kUnsupportedFormat) << "blocks of 4 x 4";
  File tiny_precincts = with_sides(13000, 13000);
  for (size_t i = 0; i < 6; ++i) put(tiny_precincts, coding + 14 + i, 0x11, 1);
  EXPECT_EQ(code_of(tiny_precincts), ItemErrorCode::kUnsupportedFormat) << "precincts of 2 x 2";
  File many_layers = with_sides(13000, 13000);
  put(many_layers, coding + 6, 65535, 2);
  EXPECT_EQ(code_of(many_layers), ItemErrorCode::kUnsupportedFormat) << "65535 layers";

  File many_components(file.begin(), file.begin() + static_cast<ptrdiff_t>(size) + 40);
  put(many_components, size + 2, 38 + 3 * 16384, 2);
  put(many_components, size + 38, 16384, 2);
  many_components.resize(many_components.size() + size_t{3} * 16384, std::byte{1});
  EXPECT_EQ(code_of(many_components), ItemErrorCode::kUnsupportedFormat) << "16384 components";
}

TEST(DamagedJpeg2000, MissingTileIsCorrupt) {
  File file = make_jpeg2000({.size = {50, 40}, .boxed = false, .tile = {32, 64}, .levels = 2});
  const size_t first = find(file, {0xff, 0x90});
  file[first + 5] = std::byte{1};  // both tile-parts are now of the second tile
  EXPECT_EQ(code_of(file), ItemErrorCode::kCorrupt);
}

}  // namespace
}  // namespace smol
