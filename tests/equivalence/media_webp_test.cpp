// WebP regions are bit-identical to the same part of libwebp's own full decode, whatever filter was used.
#include <gtest/gtest.h>
#include <webp/decode.h>

#include "make_picture.h"
#include "make_webp.h"
#include "smol/media/webp_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

// The library's simplest call, and compositing by plain arithmetic.
Image simply_decoded(const std::vector<std::byte>& file) {
  Size size;
  uint8_t* rgba =
      WebPDecodeRGBA(reinterpret_cast<const uint8_t*>(file.data()), file.size(), &size.width, &size.height);
  Image image(size, 3);
  for (int64_t i = 0; i < size.pixels() * 3; ++i) {
    const uint8_t* pixel = rgba + i / 3 * 4;
    image.view().data[i] = static_cast<uint8_t>((pixel[i % 3] * pixel[3] + 255 * (255 - pixel[3]) + 127) / 255);
  }
  WebPFree(rgba);
  return image;
}

TEST(WebpDecoder, RegionEqualsPartOfFullDecode) {
  std::mt19937 random(17);
  for (const Size size : {Size{1, 1}, Size{33, 2}, Size{64, 64}, Size{131, 157}}) {
    for (const WebpRecipe& recipe : webp_recipes(size)) {
      SCOPED_TRACE(describe(recipe));
      const std::vector<std::byte> file = make_webp(recipe);
      const Image expected = simply_decoded(file);
      const auto decoder = make_webp_decoder();
      Image picture;
      ASSERT_TRUE(decode_image(*decoder, file, {}, {}, picture).ok());
      ASSERT_TRUE(same_pixels(std::as_const(picture).view(), expected.view()));
      for (int i = 0; i < 60; ++i) {
        const Rect region = random_rect(random, size);
        const DecodeSpec spec{.region = region, .read_to_end = i % 4 == 0};
        const auto geometry = decode_image(*decoder, file, spec, {}, picture);
        ASSERT_TRUE(geometry.ok()) << geometry.error().message;
        ASSERT_EQ(geometry->covers, region);
        ASSERT_TRUE(same_pixels(std::as_const(picture).view(), part_of(expected.view(), region)))
            << region.left << "," << region.top << "-" << region.right << "," << region.bottom;
      }
    }
  }
}

TEST(WebpDecoder, SkippingFiltersChangesPixelsOfLossyPicturesOnly) {
  for (const bool lossless : {false, true}) {
    const std::vector<std::byte> file = make_webp({.size = {90, 120}, .lossless = lossless});
    const auto decoder = make_webp_decoder();
    const auto modes = decoder->modes(file);
    ASSERT_TRUE(modes.ok());
    EXPECT_EQ(modes->size(), lossless ? 1U : 2U);
    Image filtered, unfiltered;
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, filtered).ok());
    ASSERT_TRUE(decode_image(*decoder, file, {.skip_filters = true}, {}, unfiltered).ok());
    EXPECT_EQ(same_pixels(std::as_const(filtered).view(), std::as_const(unfiltered).view()), lossless);
  }
}

}  // namespace
}  // namespace smol
