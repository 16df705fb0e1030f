// Damaged JPEGs in the modes that read less of them: a cut file is an error, and nothing crashes or hangs.
#include <gtest/gtest.h>

#include <random>

#include "make_exif.h"
#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/jpeg_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

const DecodeSpec kEighth{.scale_denominator = 8};
const DecodeSpec kScans{.first_scans = 2};
const DecodeSpec kThumbnail{.thumbnail = true};

TEST(DamagedJpegWays, TruncatedAnywhereIsTruncated) {
  const auto jpeg = make_jpeg({.size = {24, 33}, .horizontal = 2, .vertical = 2, .progressive = true});
  const auto decoder = make_jpeg_decoder();
  Image picture;
  for (size_t length = 3; length < jpeg.size(); ++length) {
    for (const DecodeSpec& spec : {kEighth, kScans}) {
      const auto decoded = decode_image(*decoder, std::span(jpeg).first(length), spec, {}, picture);
      ASSERT_FALSE(decoded.ok()) << to_string(spec) << " " << length;
      EXPECT_EQ(decoded.error().code, ItemErrorCode::kTruncated) << to_string(spec) << " " << length;
    }
  }
}

TEST(DamagedJpegWays, FlippedBitsGiveAValueOrAnError) {
  const auto thumbnail = make_jpeg({.size = {30, 40}, .quality = 30});
  const std::string exif =
      make_thumbnail_exif(1, {reinterpret_cast<const char*>(thumbnail.data()), thumbnail.size()});
  std::mt19937 random(5);
  const auto decoder = make_jpeg_decoder();
  Image picture;
  for (const int factor : {1, 2}) {
    for (const int restart : {0, 2}) {
      const auto jpeg = make_jpeg({.size = {60, 80},
                                   .horizontal = factor,
                                   .vertical = factor,
                                   .progressive = true,
                                   .restart_interval = restart,
                                   .exif = exif});
      for (int round = 0; round < 1500; ++round) {
        auto damaged = jpeg;
        const size_t flips = 1 + random() % 6;
        for (size_t i = 0; i < flips; ++i) damaged[random() % damaged.size()] ^= std::byte{1} << random() % 8;
        if (round % 3 == 0) damaged.resize(random() % damaged.size());
        const DecodeLimits limits{.max_pixels = 100'000};
        for (const DecodeSpec& spec : {kEighth, kScans, kThumbnail}) {
          const auto decoded = decode_image(*decoder, damaged, spec, limits, picture);
          if (decoded.ok()) {
            EXPECT_EQ(picture.size(), decoded->size);
          }
        }
        const auto modes = decoder->modes(damaged);
        if (modes.ok()) {
          EXPECT_EQ(modes->front().spec, DecodeSpec{});
        }
      }
      ASSERT_TRUE(decode_image(*decoder, jpeg, kEighth, {}, picture).ok());
      EXPECT_TRUE(same_pixels(picture.view(), plain_jpeg_decode(jpeg, 8).view()));
    }
  }
}

TEST(DamagedJpegWays, ScansAreLimitedAlsoWhereTheyAreNotRead) {
  const auto jpeg = make_jpeg({.size = {64, 64}, .progressive = true, .spectral_scans = true});
  const auto decoder = make_jpeg_decoder();
  Image picture;
  for (const DecodeSpec& spec : {kEighth, kScans}) {
    EXPECT_TRUE(decode_image(*decoder, repeat_last_scan(jpeg, 100), spec, {}, picture).ok());
    const auto refused = decode_image(*decoder, repeat_last_scan(jpeg, 101), spec, {}, picture);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "more scans than the limit");
  }
}

}  // namespace
}  // namespace smol
