#include "smol/base/orient.h"

#include <cstring>

namespace smol {

void orient(ConstImageView in, Orientation orientation, ImageView out) {
  // out(y, x) is in(origin + y * down + x * right).
  const ptrdiff_t pixel = in.channels;
  const ptrdiff_t row = in.stride_bytes;
  const ptrdiff_t last_row = (in.size.height - 1) * row;
  const ptrdiff_t last_pixel = (in.size.width - 1) * pixel;
  ptrdiff_t origin = 0;
  ptrdiff_t down = row;
  ptrdiff_t right = pixel;
  switch (orientation) {
    case Orientation::kUpright: break;
    case Orientation::kFlipHorizontally: origin = last_pixel, right = -pixel; break;
    case Orientation::kRotate180: origin = last_row + last_pixel, down = -row, right = -pixel; break;
    case Orientation::kFlipVertically: origin = last_row, down = -row; break;
    case Orientation::kTranspose: down = pixel, right = row; break;
    case Orientation::kRotate90Clockwise: origin = last_row, down = pixel, right = -row; break;
    case Orientation::kTransverse: origin = last_row + last_pixel, down = -pixel, right = -row; break;
    case Orientation::kRotate90CounterClockwise: origin = last_pixel, down = -pixel, right = row; break;
  }
  for (int y = 0; y < out.size.height; ++y) {
    const uint8_t* from = in.data + origin + y * down;
    uint8_t* to = out.row(y);
    for (int x = 0; x < out.size.width; ++x, from += right, to += pixel) {
      for (ptrdiff_t c = 0; c < pixel; ++c) to[c] = from[c];
    }
  }
}

}  // namespace smol
