// Samples of a TIFF, as libtiff hands them out, to RGB.
#pragma once

#include <cstdint>

namespace smol {

// How a pixel lies in memory: samples of one size, in the machine's byte order, one after the other.
struct TiffPixel {
  enum class Colour : uint8_t { kGrey, kRgb, kCmyk };
  enum class Alpha : uint8_t { kNone, kPremultiplied, kIndependent };
  Colour colour = Colour::kRgb;
  Alpha alpha = Alpha::kNone;  // the first sample behind the colour
  bool inverted = false;       // grey: 0 is white
  int samples = 3;             // of a pixel, those that are ignored too
  int sample_bytes = 1;        // or 2
  int bytes() const { return samples * sample_bytes; }
};

// `samples` has `pixels` pixels (any alignment), `rgb` three bytes for each. 16 bit become 8 by rounding v * 255 /
// 65535, alpha is composited over white, CMYK becomes RGB as in Pillow's convert("RGB").
void tiff_samples_to_rgb(const void* samples, const TiffPixel& pixel, int pixels, uint8_t* rgb);

}  // namespace smol
