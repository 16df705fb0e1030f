// Sizes and rectangles. Sizes are (height, width); ranges are half-open.
#pragma once

#include <cstdint>

namespace smol {

struct Size {
  int height = 0;
  int width = 0;
  bool operator==(const Size&) const = default;
  int64_t pixels() const { return int64_t{height} * width; }
  int short_side() const { return height < width ? height : width; }
};

struct Rect {
  int top = 0;
  int left = 0;
  int bottom = 0;  // one past the last row
  int right = 0;   // one past the last column
  bool operator==(const Rect&) const = default;
  int height() const { return bottom - top; }
  int width() const { return right - left; }
  Size size() const { return {height(), width()}; }
};

// EXIF orientation, tag 0x0112: how stored rows and columns map to the picture as it is meant to be seen.
// The names say what has to be done to the stored pixels, as PIL.ImageOps.exif_transpose does it.
enum class Orientation : uint8_t {
  kUpright = 1,
  kFlipHorizontally = 2,
  kRotate180 = 3,
  kFlipVertically = 4,
  kTranspose = 5,
  kRotate90Clockwise = 6,
  kTransverse = 7,
  kRotate90CounterClockwise = 8,
};

inline bool swaps_axes(Orientation orientation) { return orientation >= Orientation::kTranspose; }

inline Size oriented(Size stored, Orientation orientation) {
  return swaps_axes(orientation) ? Size{stored.width, stored.height} : stored;
}

}  // namespace smol
