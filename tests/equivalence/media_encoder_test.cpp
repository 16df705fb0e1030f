// What is encoded decodes to the same pixels (PNG) or to similar ones in fewer bytes (JPEG).
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "smol/media/decoder.h"
#include "smol/media/image_encoder.h"

namespace smol {
namespace {

Image pattern(Size size) {
  Image image(size, 3);
  uint32_t state = 1;
  for (int y = 0; y < size.height; ++y) {
    for (int i = 0; i < size.width * 3; ++i) {
      state = state * 1664525u + 1013904223u;
      image.view().row(y)[i] = static_cast<uint8_t>((y * 3 + i + (state >> 29)) % 256);
    }
  }
  return image;
}

Image decoded(std::span<const std::byte> file) {
  DecoderSet decoders;
  const Result<Decoder*> decoder = decoders.decoder_for(file);
  Image image;
  EXPECT_TRUE(decoder.ok() && decode_image(**decoder, file, {}, {}, image).ok());
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (int y = 0; y < a.size().height; ++y) {
    for (int i = 0; i < a.size().width * 3; ++i) sum += std::abs(a.view().row(y)[i] - b.view().row(y)[i]);
  }
  return sum / static_cast<double>(a.size().pixels() * 3);
}

TEST(Encoders, PngKeepsEveryPixel) {
  for (const Size size : {Size{1, 1}, Size{1, 300}, Size{257, 3}, Size{161, 215}}) {
    const Image image = pattern(size);
    const auto file = encode_png(image.view());
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(mean_difference(decoded(*file), image), 0);
  }
}

TEST(Encoders, ReadRowsWithAStride) {
  const Image image = pattern({40, 60});
  const ConstImageView part(image.view().row(7) + 3 * 5, {20, 30}, 3, image.view().stride_bytes);
  const auto file = encode_png(part);
  ASSERT_TRUE(file.ok());
  const Image back = decoded(*file);
  for (int y = 0; y < 20; ++y)
    EXPECT_TRUE(std::equal(part.row(y), part.row(y) + 90, std::as_const(back).view().row(y)));
}

TEST(Encoders, JpegIs420AndQualityCosts) {
  Image smooth({97, 131}, 3);
  for (int y = 0; y < 97; ++y) {
    for (int i = 0; i < 131 * 3; ++i) smooth.view().row(y)[i] = static_cast<uint8_t>(y + i / 3);
  }
  const auto good = encode_jpeg(std::as_const(smooth).view(), 95);
  const auto poor = encode_jpeg(std::as_const(smooth).view(), 30);
  ASSERT_TRUE(good.ok() && poor.ok());
  EXPECT_LT(poor->size(), good->size());
  EXPECT_LT(mean_difference(decoded(*good), smooth), 1.5);
  EXPECT_LT(mean_difference(decoded(*good), smooth), mean_difference(decoded(*poor), smooth));
  DecoderSet decoders;
  EXPECT_EQ((*decoders.decoder_for(*good))->inspect(*good)->subsampling, ChromaSubsampling::k420);
}

TEST(Encoders, SidesOverTheLimitAreErrors) {
  const Image wide = pattern({1, 65'501});
  EXPECT_EQ(encode_jpeg(wide.view(), 75).error().code, ItemErrorCode::kTooManyPixels);
  EXPECT_TRUE(encode_png(wide.view()).ok());
  const Image wider = pattern({1, 1'000'001});
  EXPECT_EQ(encode_png(wider.view()).error().code, ItemErrorCode::kTooManyPixels);
}

}  // namespace
}  // namespace smol
