// What inspect() says of a file without decoding it.
#include <gtest/gtest.h>

#include "make_exif.h"
#include "make_jpeg.h"
#include "make_png.h"
#include "smol/media/jpeg_decoder.h"
#include "smol/media/png_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

ImageInfo inspect_jpeg(std::span<const std::byte> jpeg) {
  const auto info = make_jpeg_decoder()->inspect(jpeg);
  EXPECT_TRUE(info.ok()) << info.error().message;
  return *info;
}

ImageInfo inspect_png(std::span<const std::byte> png) {
  const auto info = make_png_decoder()->inspect(png);
  EXPECT_TRUE(info.ok()) << info.error().message;
  return *info;
}

TEST(InspectJpeg, DescribesSizeAndCoding) {
  const ImageInfo info = inspect_jpeg(make_jpeg({.size = {40, 60}}));
  EXPECT_EQ(info.format, ImageFormat::kJpeg);
  EXPECT_EQ(info.stored, (Size{40, 60}));
  EXPECT_EQ(info.orientation, Orientation::kUpright);
  EXPECT_EQ(info.bits_per_sample, 8);
  EXPECT_FALSE(info.progressive);
  EXPECT_EQ(info.restart_interval, 0);
  EXPECT_EQ(info.thumbnail, (Size{0, 0}));
  EXPECT_TRUE(inspect_jpeg(make_jpeg({.progressive = true})).progressive);
  EXPECT_EQ(inspect_jpeg(make_jpeg({.restart_interval = 3})).restart_interval, 3);
}

TEST(InspectJpeg, NamesSubsampling) {
  const auto subsampling = [](int horizontal, int vertical) {
    return inspect_jpeg(make_jpeg({.horizontal = horizontal, .vertical = vertical})).subsampling;
  };
  EXPECT_EQ(subsampling(1, 1), ChromaSubsampling::k444);
  EXPECT_EQ(subsampling(2, 1), ChromaSubsampling::k422);
  EXPECT_EQ(subsampling(1, 2), ChromaSubsampling::k440);
  EXPECT_EQ(subsampling(2, 2), ChromaSubsampling::k420);
  EXPECT_EQ(subsampling(4, 1), ChromaSubsampling::k411);
  EXPECT_EQ(subsampling(4, 2), ChromaSubsampling::k410);
  EXPECT_EQ(subsampling(3, 1), ChromaSubsampling::kOther);
}

TEST(InspectJpeg, NamesColourModels) {
  const auto colour = [](JpegColour file) { return inspect_jpeg(make_jpeg({.colour = file})).colour; };
  EXPECT_EQ(colour(JpegColour::kGrey), ColourModel::kGrey);
  EXPECT_EQ(colour(JpegColour::kYcbcr), ColourModel::kYcbcr);
  EXPECT_EQ(colour(JpegColour::kRgb), ColourModel::kRgb);
  EXPECT_EQ(colour(JpegColour::kCmyk), ColourModel::kCmyk);
  EXPECT_EQ(colour(JpegColour::kYcck), ColourModel::kYcck);
  EXPECT_EQ(inspect_jpeg(make_jpeg({.colour = JpegColour::kGrey})).subsampling, ChromaSubsampling::kNone);
  EXPECT_EQ(inspect_jpeg(make_jpeg({.colour = JpegColour::kRgb})).subsampling, ChromaSubsampling::kNone);
}

TEST(InspectJpeg, ReadsExifAndXmp) {
  const auto thumbnail = make_jpeg({.size = {12, 16}});
  const std::string block =
      make_thumbnail_exif(6, {reinterpret_cast<const char*>(thumbnail.data()), thumbnail.size()}, true);
  const ImageInfo info = inspect_jpeg(make_jpeg({.size = {40, 60}, .exif = block}));
  EXPECT_EQ(info.orientation, Orientation::kRotate90Clockwise);
  EXPECT_EQ(info.displayed(), (Size{60, 40}));
  EXPECT_EQ(info.thumbnail, (Size{12, 16}));

  const std::string xmp = "<x tiff:Orientation=\"8\"/>";
  EXPECT_EQ(inspect_jpeg(make_jpeg({.xmp = xmp})).orientation, Orientation::kRotate90CounterClockwise);
  EXPECT_EQ(inspect_jpeg(make_jpeg({.exif = make_orientation_exif(3), .xmp = xmp})).orientation,
            Orientation::kRotate180);
}

TEST(InspectJpeg, DescribesWhatTheLibraryRefuses) {
  auto jpeg = make_jpeg({});
  patch_frame_header(jpeg, 4, std::byte{12});
  EXPECT_EQ(inspect_jpeg(jpeg).bits_per_sample, 12);
}

TEST(InspectPng, DescribesColourAndDepth) {
  const ImageInfo rgb = inspect_png(make_png({.size = {23, 37}}).file);
  EXPECT_EQ(rgb.format, ImageFormat::kPng);
  EXPECT_EQ(rgb.stored, (Size{23, 37}));
  EXPECT_EQ(rgb.colour, ColourModel::kRgb);
  EXPECT_EQ(rgb.bits_per_sample, 8);
  EXPECT_FALSE(rgb.has_alpha);
  EXPECT_FALSE(rgb.interlaced);
  const ImageInfo grey = inspect_png(make_png({.colour_type = 4, .depth = 16, .interlaced = true}).file);
  EXPECT_EQ(grey.colour, ColourModel::kGrey);
  EXPECT_EQ(grey.bits_per_sample, 16);
  EXPECT_TRUE(grey.has_alpha);
  EXPECT_TRUE(grey.interlaced);
  const ImageInfo palette = inspect_png(make_png({.colour_type = 3, .depth = 4, .transparency = true}).file);
  EXPECT_EQ(palette.colour, ColourModel::kPalette);
  EXPECT_TRUE(palette.has_alpha);
}

TEST(InspectPng, ReadsExifAlsoBehindThePixels) {
  const PngChunk exif{"eXIf", make_orientation_exif(6)};
  EXPECT_EQ(inspect_png(make_png({.in_front = {exif}}).file).orientation, Orientation::kRotate90Clockwise);
  EXPECT_EQ(inspect_png(make_png({.behind = {exif}}).file).orientation, Orientation::kRotate90Clockwise);
  const PngChunk xmp{"iTXt", std::string("XML:com.adobe.xmp\0\0\0\0\0", 22) + "<x tiff:Orientation=\"3\"/>"};
  EXPECT_EQ(inspect_png(make_png({.behind = {xmp}}).file).orientation, Orientation::kRotate180);
}

TEST(InspectPng, TakesWhatATruncatedFileHas) {
  const auto file = make_png({.behind = {{"eXIf", make_orientation_exif(6)}}}).file;
  for (size_t length = 33; length < file.size(); ++length) {
    EXPECT_EQ(inspect_png(std::span(file).first(length)).stored, (Size{23, 37}));
  }
  const auto early = make_png_decoder()->inspect(std::span(file).first(20));
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().code, ItemErrorCode::kTruncated);
}

}  // namespace
}  // namespace smol
