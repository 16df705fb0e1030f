// Where a picture of a given size comes to lie in the output of a graph: resized size, visible window, padding.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/preproc/graph.h"

namespace smol {

// A size whose sides may pass 2^31: 1x65535 with its short side resized to 256 is 16.7 million pixels long.
struct LargeSize {
  int64_t height = 0;
  int64_t width = 0;
  bool operator==(const LargeSize&) const = default;
};

// The size that `op` resizes to. kShortSide: the long side is int(short_side * long / short), as torchvision has it.
// kLongSide: the short side is round(long_side * short / long), halves to even, at least 1.
LargeSize resized_size(const ResizeOp& op, LargeSize input);

// Where CenterCrop(n) starts in a side of `side` >= n pixels: round((side - n) / 2), halves to even.
int64_t center_crop_offset(int64_t side, int64_t n);

// One axis of the output. The window [first, first + count) of the resized picture stands at `offset`; the other
// pixels of the output are padding. count is 0 if nothing of the picture is left.
struct AxisPlacement {
  int64_t resized = 0;
  int64_t first = 0;
  int count = 0;
  int offset = 0;
  bool mirrored = false;  // the window's last pixel stands at `offset`, its first at offset + count - 1
  bool operator==(const AxisPlacement&) const = default;
};

// Everything inside `canvas` (output pixels) that the picture does not cover, nor an earlier canvas, has the fill
// of operation `op` of the window operations.
struct PaddedCanvas {
  Rect canvas;
  size_t op = 0;
};

struct Placement {
  AxisPlacement rows;
  AxisPlacement columns;
  LargeSize canvas;                   // of the last operation
  std::vector<PaddedCanvas> padding;  // in the order of the operations: paint from the last to the first
};

// A crop, a pad or a flip.
struct WindowOp {
  Size size;            // of the canvas afterwards; not of a flip
  bool crop = true;     // false: pad
  bool centred = true;  // of a pad: false: padding at the bottom and the right; of a crop: false: at (top, left)
  int top = 0;          // of a crop that is not centred; may be negative
  int left = 0;
  bool flip_rows = false;  // either: a flip, and nothing else
  bool flip_columns = false;
  bool flips() const { return flip_rows || flip_columns; }
};

// Applies the window operations to a picture of size `resized`. Reuses the vector in `out`.
void place(LargeSize resized, std::span<const WindowOp> windows, Placement& out);

}  // namespace smol
