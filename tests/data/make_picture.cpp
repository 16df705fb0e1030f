#include "make_picture.h"

#include <cstring>

namespace smol::test {

Image make_picture(Size size, int channels, unsigned seed) {
  Image picture(size, channels);
  const ImageView view = picture.view();
  std::mt19937 random(seed);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int smooth = 3 * x * (c + 1) + 5 * y * (channels - c) + static_cast<int>(seed % 97);
        const int edge = (x / 11 + y / 7 + c) % 3 == 0 ? 120 : 0;
        view.row(y)[x * channels + c] = static_cast<uint8_t>((smooth + edge + static_cast<int>(random() % 24)) & 255);
      }
    }
  }
  return picture;
}

bool same_pixels(ConstImageView a, ConstImageView b) {
  if (a.size != b.size || a.channels != b.channels) return false;
  for (int y = 0; y < a.size.height; ++y) {
    if (std::memcmp(a.row(y), b.row(y), static_cast<size_t>(a.size.width * a.channels)) != 0) return false;
  }
  return true;
}

Rect random_rect(std::mt19937& random, Size size) {
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  const int top = below(size.height);
  const int left = below(size.width);
  return {top, left, top + 1 + below(size.height - top), left + 1 + below(size.width - left)};
}

ConstImageView part_of(ConstImageView whole, const Rect& rect) {
  return {whole.row(rect.top) + rect.left * whole.channels, rect.size(), whole.channels, whole.stride_bytes};
}

}  // namespace smol::test
