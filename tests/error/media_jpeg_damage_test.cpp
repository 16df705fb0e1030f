// Damaged and hostile JPEGs give an error with the right code, and never crash, hang or throw.
#include <gtest/gtest.h>

#include <random>

#include "make_exif.h"
#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/decoder.h"

namespace smol {
namespace {

using namespace smol::test;

// Everything that may be done with a file's bytes; the result of the full decode.
Status try_everything(DecoderSet& decoders, std::span<const std::byte> bytes, Image& picture) {
  const auto decoder = decoders.decoder_for(bytes);
  if (!decoder.ok()) return decoder.error();
  const auto info = (*decoder)->inspect(bytes);
  if (info.ok() && info->stored.pixels() < 1'000'000) {
    const Size size = info->stored;
    const Rect middle{size.height / 3, size.width / 3, size.height / 3 * 2 + 1, size.width / 3 * 2 + 1};
    // The region comes from inspect(): opening must agree on the size, or it would throw.
    (void)decode_image(**decoder, bytes, {.region = middle, .scale_denominator = 1}, {}, picture);
    (void)decode_image(**decoder, bytes, {.region = middle, .scale_denominator = 4}, {}, picture);
  }
  const auto geometry = decode_image(**decoder, bytes, {}, {.max_pixels = 1'000'000}, picture);
  if (!geometry.ok()) return geometry.error();
  return ok_status();
}

std::vector<JpegRecipe> recipes(Size size) {
  return {{.size = size, .horizontal = 2, .vertical = 2, .exif = make_orientation_exif(6)},
          {.size = size, .horizontal = 2, .vertical = 1, .restart_interval = 2},
          {.size = size, .horizontal = 2, .vertical = 2, .progressive = true},
          {.size = size, .colour = JpegColour::kGrey},
          {.size = size, .colour = JpegColour::kYcck},
          {.size = size, .arithmetic = true}};
}

void expect_truncated(std::span<const std::byte> part, DecoderSet& decoders, Image& picture) {
  const Status status = try_everything(decoders, part, picture);
  ASSERT_FALSE(status.ok()) << part.size() << " bytes";
  const ItemErrorCode expected = part.empty()      ? ItemErrorCode::kEmptyFile
                                 : part.size() < 3 ? ItemErrorCode::kUnknownFormat
                                                   : ItemErrorCode::kTruncated;
  EXPECT_EQ(status.error().code, expected) << part.size() << " bytes: " << status.error().message;
}

TEST(DamagedJpeg, TruncatedAnywhereIsTruncated) {
  DecoderSet decoders;
  Image picture;
  for (const JpegRecipe& recipe : recipes({24, 33})) {
    const auto jpeg = make_jpeg(recipe);
    for (size_t length = 0; length < jpeg.size(); ++length) {
      expect_truncated(std::span(jpeg).first(length), decoders, picture);
    }
  }
  for (const JpegRecipe& recipe : recipes({300, 400})) {
    const auto jpeg = make_jpeg(recipe);
    for (size_t tenth = 1; tenth < 10; ++tenth) {
      expect_truncated(std::span(jpeg).first(jpeg.size() * tenth / 10), decoders, picture);
    }
  }
}

TEST(DamagedJpeg, FlippedBitsGiveAValueOrAnError) {
  std::mt19937 random(99);
  DecoderSet decoders;
  Image picture;
  int errors = 0;
  constexpr int kRounds = 700;
  for (const JpegRecipe& recipe : recipes({60, 80})) {
    const auto jpeg = make_jpeg(recipe);
    for (int i = 0; i < kRounds; ++i) {
      auto damaged = jpeg;
      const size_t flips = 1 + random() % 8;
      // Half of the rounds aim at the headers.
      const size_t range = i % 2 == 0 ? damaged.size() : find_scan(damaged, 1) + 12;
      for (size_t flip = 0; flip < flips; ++flip) damaged[random() % range] ^= std::byte{1} << random() % 8;
      if (!try_everything(decoders, damaged, picture).ok()) ++errors;
    }
    ASSERT_TRUE(try_everything(decoders, jpeg, picture).ok()) << "the decoder is as good as new";
    EXPECT_TRUE(recipe.colour == JpegColour::kYcck || same_pixels(picture.view(), plain_jpeg_decode(jpeg).view()));
  }
  EXPECT_GT(errors, kRounds);
}

TEST(DamagedJpeg, RandomBytesBehindTheSignature) {
  std::mt19937 random(3);
  DecoderSet decoders;
  Image picture;
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::byte> bytes(3 + random() % 200);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() % 4 == 0 ? 0xff : random() % 256);
    bytes[0] = std::byte{0xff};
    bytes[1] = std::byte{0xd8};
    bytes[2] = std::byte{0xff};
    EXPECT_FALSE(try_everything(decoders, bytes, picture).ok());
  }
}

TEST(DamagedJpeg, HugeHeaderIsRefusedBeforeMemoryIsTaken) {
  auto jpeg = make_jpeg({});
  for (const size_t offset : {5u, 6u, 7u, 8u}) patch_frame_header(jpeg, offset, std::byte{0xff});
  DecoderSet decoders;
  Decoder& decoder = **decoders.decoder_for(jpeg);
  EXPECT_EQ(decoder.inspect(jpeg)->stored, (Size{65535, 65535}));
  EXPECT_EQ(decoder.open(jpeg, {}, {}).error().code, ItemErrorCode::kTooManyPixels);
  EXPECT_EQ(decoder.next_strip()->rgb.size.height, 0);
  const auto small = make_jpeg({.size = {10, 20}});
  EXPECT_TRUE(decoder.open(small, {}, {.max_pixels = 200}).ok());
  EXPECT_EQ(decoder.open(small, {}, {.max_pixels = 199}).error().code, ItemErrorCode::kTooManyPixels);
}

TEST(DamagedJpeg, VariantsThatAreNotDecodedAreUnsupported) {
  DecoderSet decoders;
  auto twelve_bit = make_jpeg({});
  patch_frame_header(twelve_bit, 4, std::byte{12});
  Decoder& decoder = **decoders.decoder_for(twelve_bit);
  EXPECT_EQ(decoder.open(twelve_bit, {}, {}).error().code, ItemErrorCode::kUnsupportedFormat);
  auto lossless = make_jpeg({});
  patch_frame_header(lossless, 1, std::byte{0xc3});
  EXPECT_EQ(decoder.open(lossless, {}, {}).error().code, ItemErrorCode::kUnsupportedFormat);
}

TEST(DamagedJpeg, ScansAreLimited) {
  const auto jpeg = make_jpeg({.size = {64, 64}, .progressive = true, .spectral_scans = true});
  DecoderSet decoders;
  Decoder& decoder = **decoders.decoder_for(jpeg);
  Image expected;
  ASSERT_TRUE(decode_image(decoder, jpeg, {}, {}, expected).ok());
  Image picture;
  ASSERT_TRUE(decode_image(decoder, repeat_last_scan(jpeg, 100), {}, {}, picture).ok());
  EXPECT_TRUE(same_pixels(picture.view(), expected.view()));
  for (const int scans : {101, 5000}) {
    const auto status = decode_image(decoder, repeat_last_scan(jpeg, scans), {}, {}, picture);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ItemErrorCode::kCorrupt);
    EXPECT_EQ(status.error().message, "more scans than the limit");
  }
  EXPECT_TRUE(decode_image(decoder, repeat_last_scan(jpeg, 101), {}, {.max_scans = 101}, picture).ok());
}

TEST(DamagedJpeg, AMissingPieceIsCorrupt) {
  const auto jpeg = make_jpeg({.size = {200, 200}});
  auto shorter = jpeg;
  shorter.erase(shorter.begin() + std::ssize(shorter) / 2, shorter.end() - 100);  // the end marker stays
  DecoderSet decoders;
  Image picture;
  const Status status = try_everything(decoders, shorter, picture);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ItemErrorCode::kCorrupt);
}

TEST(DamagedJpeg, BytesBehindTheEndAreNotRead) {
  auto jpeg = make_jpeg({});
  jpeg.insert(jpeg.end(), 1000, std::byte{0xff});
  DecoderSet decoders;
  Image picture;
  EXPECT_TRUE(try_everything(decoders, jpeg, picture).ok());
}

}  // namespace
}  // namespace smol
