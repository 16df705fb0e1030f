// TIFF pixels are those of libtiff's own conversion to RGBA; regions are bit-identical to the same part of them.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <cstdlib>

#include "make_picture.h"
#include "make_tiff.h"
#include "smol/media/tiff_decoder.h"
#include "smol/media/tiff_file.h"

namespace smol {
namespace {

using namespace smol::test;

// The library's simplest call: the whole picture, colour premultiplied.
Image simply_decoded(const std::vector<std::byte>& bytes, Size size) {
  TiffFile file;
  EXPECT_TRUE(file.open(bytes).ok());
  std::vector<uint32_t> rgba(static_cast<size_t>(size.pixels()));
  EXPECT_NE(TIFFReadRGBAImageOriented(file.handle(), static_cast<uint32_t>(size.width),
                                      static_cast<uint32_t>(size.height), rgba.data(), ORIENTATION_TOPLEFT, 1),
            0);
  Image image(size, 3);
  uint8_t* rgb = image.view().data;
  for (const uint32_t pixel : rgba) {
    const uint32_t white = 255 - TIFFGetA(pixel);
    *rgb++ = static_cast<uint8_t>(TIFFGetR(pixel) + white);
    *rgb++ = static_cast<uint8_t>(TIFFGetG(pixel) + white);
    *rgb++ = static_cast<uint8_t>(TIFFGetB(pixel) + white);
  }
  return image;
}

// Where libtiff rounds down or takes the high byte, smol rounds: 1 apart. Grey with alpha it does not multiply.
int tolerance(const TiffRecipe& recipe) {
  if (recipe.samples == 2) return 255;
  return recipe.photometric == PHOTOMETRIC_SEPARATED ||
                 (recipe.photometric == PHOTOMETRIC_MINISWHITE && recipe.bits == 16)
             ? 1
             : 0;
}

int largest_difference(ConstImageView a, ConstImageView b) {
  int largest = 0;
  for (int y = 0; y < a.size.height; ++y) {
    for (int x = 0; x < a.size.width * 3; ++x) largest = std::max(largest, std::abs(a.row(y)[x] - b.row(y)[x]));
  }
  return largest;
}

constexpr Size kSizes[] = {{1, 1}, {33, 2}, {64, 64}, {131, 157}};

TEST(TiffDecoder, PixelsAreLibtiffs) {
  const auto decoder = make_tiff_decoder();
  Image picture;
  for (const Size size : kSizes) {
    for (const TiffRecipe& recipe : tiff_recipes(size)) {
      SCOPED_TRACE(describe(recipe));
      const std::vector<std::byte> file = make_tiff(recipe);
      const auto geometry = decode_image(*decoder, file, {}, {}, picture);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      ASSERT_EQ(geometry->size, size);
      const Image expected = simply_decoded(file, size);
      EXPECT_LE(largest_difference(std::as_const(picture).view(), expected.view()), tolerance(recipe));
    }
  }
}

TEST(TiffDecoder, RegionEqualsPartOfFullDecode) {
  std::mt19937 random(17);
  const auto decoder = make_tiff_decoder();
  for (const Size size : kSizes) {
    for (const TiffRecipe& recipe : tiff_recipes(size)) {
      SCOPED_TRACE(describe(recipe));
      const std::vector<std::byte> file = make_tiff(recipe);
      Image whole, part;
      ASSERT_TRUE(decode_image(*decoder, file, {}, {}, whole).ok());
      for (int i = 0; i < 40; ++i) {
        const Rect region = random_rect(random, size);
        const auto geometry = decode_image(*decoder, file, {.region = region, .read_to_end = i % 4 == 0}, {}, part);
        ASSERT_TRUE(geometry.ok()) << geometry.error().message;
        ASSERT_EQ(geometry->covers, region);
        ASSERT_TRUE(same_pixels(std::as_const(part).view(), part_of(std::as_const(whole).view(), region)))
            << region.left << "," << region.top << "-" << region.right << "," << region.bottom;
      }
    }
  }
}

TEST(TiffDecoder, ModesListTheLevels) {
  const auto decoder = make_tiff_decoder();
  const auto modes = decoder->modes(make_tiff({.size = {77, 101}, .tile = 16, .levels = 3}));
  ASSERT_TRUE(modes.ok());
  ASSERT_EQ(modes->size(), 4U);
  const Size sizes[] = {{77, 101}, {39, 51}, {20, 26}, {10, 13}};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*modes)[i].spec.scale_denominator, 1 << i);
    EXPECT_EQ((*modes)[i].size, sizes[i]);
  }
}

TEST(TiffDecoder, InspectTellsWhatIsStored) {
  const auto decoder = make_tiff_decoder();
  const auto info = decoder->inspect(make_tiff(
      {.size = {30, 40}, .compression = COMPRESSION_JPEG, .photometric = PHOTOMETRIC_YCBCR, .subsampling = 2}));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->format, ImageFormat::kTiff);
  EXPECT_EQ(info->stored, (Size{30, 40}));
  EXPECT_EQ(info->colour, ColourModel::kYcbcr);
  EXPECT_EQ(info->subsampling, ChromaSubsampling::k420);
  const auto alpha = decoder->inspect(make_tiff({.samples = 4, .bits = 16, .alpha = true}));
  ASSERT_TRUE(alpha.ok());
  EXPECT_TRUE(alpha->has_alpha);
  EXPECT_EQ(alpha->bits_per_sample, 16);
}

}  // namespace
}  // namespace smol
