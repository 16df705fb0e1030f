#include "smol/media/tiff_samples.h"

#include <algorithm>
#include <cstring>

#include "smol/media/decoder.h"

namespace smol {
namespace {

template <int sample_bytes>
int sample_at(const uint8_t* samples, int index) {
  if constexpr (sample_bytes == 1) return samples[index];
  uint16_t value;
  std::memcpy(&value, samples + ptrdiff_t{index} * 2, 2);
  return (value + 128) / 257;  // v * 255 / 65535, rounded
}

// As Pillow's convert("RGB") of CMYK.
int without_ink(int ink, int white) {
  const int product = ink * white + 128;
  return std::max(0, white - (((product >> 8) + product) >> 8));
}

int over_background(int colour, int alpha, bool premultiplied) {
  if (premultiplied) return std::min(255, colour + (kAlphaBackground * (255 - alpha) + 127) / 255);
  return (colour * alpha + kAlphaBackground * (255 - alpha) + 127) / 255;
}

template <int sample_bytes>
void convert(const uint8_t* samples, const TiffPixel& pixel, int pixels, uint8_t* rgb) {
  const int colours = pixel.colour == TiffPixel::Colour::kGrey ? 1 : pixel.colour == TiffPixel::Colour::kRgb ? 3 : 4;
  const bool premultiplied = pixel.alpha == TiffPixel::Alpha::kPremultiplied;
  for (int x = 0; x < pixels; ++x, samples += pixel.bytes(), rgb += 3) {
    int colour[3];
    for (int channel = 0; channel < 3; ++channel) {
      colour[channel] = sample_at<sample_bytes>(samples, colours == 1 ? 0 : channel);
      if (pixel.inverted) colour[channel] = 255 - colour[channel];
    }
    if (colours == 4) {
      const int white = 255 - sample_at<sample_bytes>(samples, 3);
      for (int& channel : colour) channel = without_ink(channel, white);
    }
    if (pixel.alpha != TiffPixel::Alpha::kNone) {
      const int alpha = sample_at<sample_bytes>(samples, colours);
      for (int& channel : colour) channel = over_background(channel, alpha, premultiplied);
    }
    for (int channel = 0; channel < 3; ++channel) rgb[channel] = static_cast<uint8_t>(colour[channel]);
  }
}

}  // namespace

void tiff_samples_to_rgb(const void* samples, const TiffPixel& pixel, int pixels, uint8_t* rgb) {
  const auto* bytes = static_cast<const uint8_t*>(samples);
  if (pixel.colour == TiffPixel::Colour::kRgb && pixel.bytes() == 3) {
    std::memcpy(rgb, bytes, static_cast<size_t>(pixels) * 3);
  } else if (pixel.sample_bytes == 1) {
    convert<1>(bytes, pixel, pixels, rgb);
  } else {
    convert<2>(bytes, pixel, pixels, rgb);
  }
}

}  // namespace smol
