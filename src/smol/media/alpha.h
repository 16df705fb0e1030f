// Transparent pixels over the background.
#pragma once

#include <cstdint>

namespace smol {

// `rgb` becomes c * a + background * (1 - a) in integers, rounded to nearest; in place if both begin at the same
// byte.
inline void composite_over_background(const uint8_t* rgba, int pixels, uint8_t background, uint8_t* rgb) {
  for (int x = 0; x < pixels; ++x, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3];
    for (int channel = 0; channel < 3; ++channel) {
      rgb[channel] = static_cast<uint8_t>((rgba[channel] * alpha + background * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace smol
