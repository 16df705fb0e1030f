// What modes() promises of a JPEG is what open() does.
#include <gtest/gtest.h>

#include <algorithm>

#include "make_exif.h"
#include "make_jpeg.h"
#include "smol/media/jpeg_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

bool offers(const std::vector<DecodeMode>& modes, const std::string& name) {
  return std::any_of(modes.begin(), modes.end(),
                     [&](const DecodeMode& mode) { return to_string(mode.spec) == name; });
}

std::vector<DecodeMode> checked_modes(const std::vector<std::byte>& jpeg) {
  const auto decoder = make_jpeg_decoder();
  const auto modes = decoder->modes(jpeg);
  EXPECT_TRUE(modes.ok()) << modes.error().message;
  EXPECT_EQ(decoder->next_strip()->rgb.size.height, 0);
  EXPECT_EQ(modes->front().spec, DecodeSpec{});
  for (const DecodeMode& mode : *modes) {
    Image picture;
    const auto geometry = decode_image(*decoder, jpeg, mode.spec, {}, picture);
    EXPECT_TRUE(geometry.ok()) << geometry.error().message;
    EXPECT_EQ(geometry->size, mode.size) << to_string(mode.spec);
  }
  return *modes;
}

TEST(JpegModes, AreWhatOpenDoes) {
  const auto thumbnail = make_jpeg({.size = {12, 16}});
  const std::string exif =
      make_thumbnail_exif(6, {reinterpret_cast<const char*>(thumbnail.data()), thumbnail.size()});
  for (const Size size : {Size{1, 1}, Size{7, 9}, Size{40, 61}}) {
    for (const bool progressive : {false, true}) {
      const auto plain = checked_modes(make_jpeg({.size = size, .progressive = progressive}));
      EXPECT_TRUE(offers(plain, "1/2") && offers(plain, "1/4") && offers(plain, "1/8"));
      EXPECT_FALSE(offers(plain, "thumbnail"));
      EXPECT_EQ(offers(plain, "scans=5"), progressive);
      const auto with_thumbnail = checked_modes(make_jpeg({.size = size, .progressive = progressive, .exif = exif}));
      EXPECT_EQ(offers(with_thumbnail, "thumbnail"), size.pixels() > 12 * 16);
    }
  }
}

TEST(JpegModes, OfBytesWithoutHeaderAreAnError) {
  const auto jpeg = make_jpeg({});
  const auto modes = make_jpeg_decoder()->modes(std::span(jpeg).first(30));
  ASSERT_FALSE(modes.ok());
  EXPECT_EQ(modes.error().code, ItemErrorCode::kTruncated);
}

}  // namespace
}  // namespace smol
