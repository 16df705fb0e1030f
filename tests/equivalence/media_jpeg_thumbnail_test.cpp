// DecodeSpec::thumbnail of a JPEG gives the content of the embedded thumbnail: without bars, and never cut without
// cause.
#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "make_exif.h"
#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/jpeg_decoder.h"
#include "smol/media/thumbnail_content.h"

namespace smol {
namespace {

using namespace smol::test;

// A picture of that size with a frame of one colour around `content`, which has no dark edges.
Image framed(Size size, const Rect& content, uint8_t colour, uint8_t darkest = 60) {
  Image picture(size, 3);
  const Image inside = make_picture(content.size(), 3, 5);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width * 3; ++x) picture.view().row(y)[x] = colour;
  }
  for (int y = 0; y < content.height(); ++y) {
    uint8_t* row = picture.view().row(content.top + y) + content.left * 3;
    for (int x = 0; x < content.width() * 3; ++x) row[x] = std::max(darkest, std::as_const(inside).view().row(y)[x]);
  }
  return picture;
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Decoded {
  DecodedGeometry geometry;
  Image pixels;
};

Decoded decode_thumbnail(const std::vector<std::byte>& jpeg) {
  const auto decoder = make_jpeg_decoder();
  Decoded decoded;
  DecodeSpec spec;
  spec.thumbnail = true;
  const auto geometry = decode_image(*decoder, jpeg, spec, {}, decoded.pixels);
  EXPECT_TRUE(geometry.ok()) << geometry.error().message;
  if (geometry.ok()) decoded.geometry = *geometry;
  return decoded;
}

void expect_own_picture(const DecodedGeometry& geometry, Size size) {
  EXPECT_EQ(geometry.size, size);
  EXPECT_EQ(geometry.full, size);
  EXPECT_EQ(geometry.covers, (Rect{0, 0, size.height, size.width}));
  EXPECT_EQ(geometry.scale_denominator, 1);
}

struct Case {
  const char* name;
  Size picture;
  Size thumbnail;
  Rect content;
};

constexpr Case kCases[] = {
    {"3:2 in 4:3", {400, 600}, {120, 160}, {7, 0, 113, 160}},
    {"3:2 in 4:3, the odd row below", {400, 600}, {120, 160}, {6, 0, 113, 160}},
    {"16:9 in 4:3", {1080, 1920}, {120, 160}, {15, 0, 105, 160}},
    {"portrait in landscape", {600, 400}, {120, 160}, {0, 40, 120, 120}},
    {"square in landscape", {500, 500}, {120, 160}, {0, 20, 120, 140}},
    {"panorama", {300, 1500}, {120, 160}, {44, 0, 76, 160}},
    {"as the picture", {300, 400}, {120, 160}, {0, 0, 120, 160}},
    {"as the picture but for rounding", {427, 640}, {107, 160}, {0, 0, 107, 160}},
    {"one row on each side", {298, 403}, {120, 160}, {1, 0, 119, 160}},
};

TEST(ThumbnailContent, IsFoundWithinBarsOfOneColour) {
  for (const Case& c : kCases) {
    for (const int colour : {0, 9, 255}) {
      const Image thumbnail = framed(c.thumbnail, c.content, static_cast<uint8_t>(colour), colour == 255 ? 0 : 60);
      EXPECT_EQ(thumbnail_content(thumbnail.view(), c.picture), c.content) << c.name << " " << colour;
    }
  }
}

TEST(ThumbnailContent, DarkEdgesOfThePictureAreNotCut) {
  // No bars are predicted, or less than a rounded row: whatever is dark belongs to the picture.
  const Image dark = framed({120, 160}, {20, 0, 100, 160}, 0);
  EXPECT_EQ(thumbnail_content(dark.view(), {300, 400}), (Rect{0, 0, 120, 160}));
  EXPECT_EQ(thumbnail_content(framed({120, 160}, {1, 0, 119, 160}, 0).view(), {299, 400}), (Rect{0, 0, 120, 160}));
  // Bars are predicted, and the picture is dark behind them.
  EXPECT_EQ(thumbnail_content(dark.view(), {400, 600}), (Rect{7, 0, 113, 160}));
  Image all_black = framed({120, 160}, {60, 80, 61, 81}, 0);
  EXPECT_EQ(thumbnail_content(all_black.view(), {600, 400}), (Rect{0, 40, 120, 120}));
}

TEST(ThumbnailContent, PredictedBarsThatAreNotThereAreNotCut) {
  const Image plain = framed({120, 160}, {0, 0, 120, 160}, 0);
  EXPECT_EQ(thumbnail_content(plain.view(), {400, 600}), (Rect{0, 0, 120, 160}));
  EXPECT_EQ(thumbnail_content(plain.view(), {600, 400}), (Rect{0, 0, 120, 160}));
  // At one side only, too thin, or of two colours.
  EXPECT_EQ(thumbnail_content(framed({120, 160}, {14, 0, 120, 160}, 0).view(), {400, 600}), (Rect{0, 0, 120, 160}));
  EXPECT_EQ(thumbnail_content(framed({120, 160}, {4, 0, 116, 160}, 0).view(), {400, 600}), (Rect{0, 0, 120, 160}));
  EXPECT_EQ(thumbnail_content(framed({120, 160}, {4, 0, 113, 160}, 0).view(), {400, 600}), (Rect{0, 0, 120, 160}));
  EXPECT_EQ(thumbnail_content(framed({120, 160}, {7, 0, 116, 160}, 0).view(), {400, 600}), (Rect{0, 0, 120, 160}));
  Image two = framed({120, 160}, {7, 0, 113, 160}, 0);
  std::memset(two.view().row(0), 200, size_t{7} * 160 * 3);
  EXPECT_EQ(thumbnail_content(two.view(), {400, 600}), (Rect{0, 0, 120, 160}));
}

TEST(ThumbnailContent, OfTheSmallestSizes) {
  for (const Size size : {Size{1, 1}, Size{1, 5}, Size{5, 1}, Size{2, 3}}) {
    const Image tiny = framed(size, {0, 0, size.height, size.width}, 0);
    for (const Size picture : {Size{1, 1}, Size{1, 60000}, Size{60000, 1}, Size{40, 60}}) {
      const Rect content = thumbnail_content(tiny.view(), picture);
      EXPECT_GT(content.height(), 0);
      EXPECT_GT(content.width(), 0);
    }
  }
}

// Through the encoder, which lets the picture ring into the bars, and whatever the orientation of the camera is:
// thumbnails are stored as their pictures are.
TEST(JpegThumbnail, IsThePartOfItsOwnDecodeThatShowsThePicture) {
  for (const Case& c : kCases) {
    for (const uint32_t orientation : {1u, 3u, 6u, 8u}) {
      for (const int factor : {1, 2}) {
        const Image picture = framed(c.thumbnail, c.content, 0);
        const auto thumbnail = encode_jpeg(picture.view(), {.horizontal = factor, .vertical = factor, .quality = 90});
        const auto jpeg = make_jpeg({.size = c.picture, .exif = make_thumbnail_exif(orientation, text(thumbnail))});
        const Decoded decoded = decode_thumbnail(jpeg);
        SCOPED_TRACE(c.name);
        const Size size = decoded.geometry.size;
        expect_own_picture(decoded.geometry, size);
        EXPECT_NEAR(size.height, c.content.height(), 2);
        EXPECT_NEAR(size.width, c.content.width(), 2);
        const Image whole = plain_jpeg_decode(thumbnail);
        const Rect content = thumbnail_content(whole.view(), c.picture);
        EXPECT_TRUE(same_pixels(decoded.pixels.view(), part_of(whole.view(), content)));
        EXPECT_EQ(make_jpeg_decoder()->inspect(jpeg)->thumbnail, c.thumbnail);
      }
    }
  }
}

TEST(JpegThumbnail, LeavesThePictureUnread) {
  const auto thumbnail = make_jpeg({.size = {30, 40}});
  auto jpeg = make_jpeg({.size = {300, 400}, .exif = make_thumbnail_exif(1, text(thumbnail))});
  jpeg.resize(jpeg.size() / 2);
  const Decoded decoded = decode_thumbnail(jpeg);
  expect_own_picture(decoded.geometry, {30, 40});
  EXPECT_TRUE(same_pixels(decoded.pixels.view(), plain_jpeg_decode(thumbnail).view()));
}

TEST(JpegThumbnail, WithoutOneThePictureIsDecoded) {
  const auto good = make_jpeg({.size = {30, 40}});
  auto cut = good;
  cut.resize(cut.size() / 2);
  auto corrupt = good;
  corrupt.erase(corrupt.begin() + std::ssize(corrupt) - 60, corrupt.end() - 2);
  const auto too_large = make_jpeg({.size = {80, 100}});
  for (const std::string& block :
       {std::string(), make_orientation_exif(6), make_thumbnail_exif(1, "no JPEG"), make_thumbnail_exif(1, text(cut)),
        make_thumbnail_exif(1, text(corrupt)), make_thumbnail_exif(1, text(too_large))}) {
    const auto jpeg = make_jpeg({.size = {60, 80}, .exif = block});
    const Decoded decoded = decode_thumbnail(jpeg);
    expect_own_picture(decoded.geometry, {60, 80});
    EXPECT_TRUE(same_pixels(decoded.pixels.view(), plain_jpeg_decode(jpeg).view()));
  }
}

TEST(JpegThumbnail, IsNotBelievedToBeHuge) {
  Image grey({1100, 1100}, 1);
  std::memset(grey.view().data, 128, size_t{1100} * 1100);
  const auto huge = encode_jpeg(std::as_const(grey).view(), {.colour = JpegColour::kGrey});
  const auto jpeg = make_jpeg({.size = {1200, 1200}, .exif = make_thumbnail_exif(1, text(huge))});
  EXPECT_EQ(make_jpeg_decoder()->inspect(jpeg)->thumbnail, (Size{1100, 1100}));
  expect_own_picture(decode_thumbnail(jpeg).geometry, {1200, 1200});
  EXPECT_EQ(make_jpeg_decoder()->modes(jpeg)->size(), 4u);
}

TEST(JpegThumbnail, OfAPictureOverTheLimitIsNotGiven) {
  const auto thumbnail = make_jpeg({.size = {30, 40}});
  const auto jpeg = make_jpeg({.size = {300, 400}, .exif = make_thumbnail_exif(1, text(thumbnail))});
  DecodeSpec spec;
  spec.thumbnail = true;
  const auto decoder = make_jpeg_decoder();
  EXPECT_EQ(decoder->open(jpeg, spec, {.max_pixels = 1200}).error().code, ItemErrorCode::kTooManyPixels);
  Image picture;
  ASSERT_TRUE(decode_image(*decoder, jpeg, spec, {}, picture).ok());
  ASSERT_TRUE(decode_image(*decoder, jpeg, {}, {}, picture).ok());  // nothing of the thumbnail is left
  EXPECT_EQ(picture.size(), (Size{300, 400}));
}

}  // namespace
}  // namespace smol
