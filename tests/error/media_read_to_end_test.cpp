// Proves: with a region, read_to_end decides whether damage below it counts; the pixels are the same either way.
#include <gtest/gtest.h>

#include "make_jpeg.h"
#include "make_picture.h"
#include "make_png.h"
#include "smol/media/decoder.h"

namespace smol {
namespace {

constexpr Rect kTop{8, 16, 40, 80};

Status decode(std::span<const std::byte> file, bool read_to_end, Image& out) {
  DecoderSet decoders;
  const Result<Decoder*> decoder = decoders.decoder_for(file);
  EXPECT_TRUE(decoder.ok());
  DecodeSpec spec;
  spec.region = kTop;
  spec.read_to_end = read_to_end;
  const Result<DecodedGeometry> geometry = decode_image(**decoder, file, spec, {}, out);
  if (!geometry.ok()) return geometry.error();
  return ok_status();
}

void expect_read_to_end_sees_the_cut(std::vector<std::byte> file) {
  Image whole, early;
  ASSERT_TRUE(decode(file, true, whole).ok());
  ASSERT_TRUE(decode(file, false, early).ok());
  EXPECT_TRUE(test::same_pixels(std::as_const(whole).view(), std::as_const(early).view()));
  file.resize(file.size() * 9 / 10);
  EXPECT_TRUE(decode(file, false, early).ok());
  const Status cut = decode(file, true, whole);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, ItemErrorCode::kTruncated);
}

TEST(ReadToEnd, OfAJpegCountsWhatIsBelowTheRegion) {
  expect_read_to_end_sees_the_cut(test::make_jpeg({.size = {200, 120}, .horizontal = 2, .vertical = 2}));
}

TEST(ReadToEnd, OfAProgressiveJpegIsTheSamePixels) {
  const std::vector<std::byte> file = test::make_jpeg({.size = {200, 120}, .progressive = true});
  Image whole, early;
  ASSERT_TRUE(decode(file, true, whole).ok());
  ASSERT_TRUE(decode(file, false, early).ok());
  EXPECT_TRUE(test::same_pixels(std::as_const(whole).view(), std::as_const(early).view()));
}

TEST(ReadToEnd, OfAPngCountsWhatIsBelowTheRegion) {
  expect_read_to_end_sees_the_cut(test::make_png({.size = {200, 120}}).file);
}

}  // namespace
}  // namespace smol
