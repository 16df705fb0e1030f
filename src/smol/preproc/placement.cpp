#include "smol/preproc/placement.h"

#include <algorithm>
#include <utility>

namespace smol {
namespace {

// How one window operation moves an axis: everything on the canvas shifts by `shift`.
struct AxisStep {
  int64_t shift = 0;
  bool pads = false;
};

AxisStep step(int64_t canvas, int64_t size, int64_t corner, const WindowOp& op) {
  if (op.crop && !op.centred) return {-corner, corner < 0 || corner + size > canvas};
  if (canvas < size || !op.crop) return {op.centred ? (size - canvas) / 2 : 0, canvas < size};
  return {-center_crop_offset(canvas, size), false};
}

// The visible part of the picture on a canvas: canvas pixels [from, to) show resized pixels from `first` on.
struct Visible {
  int64_t first = 0;
  int64_t from = 0;
  int64_t to = 0;
  bool mirrored = false;

  // A window operation: what leaves the canvas is lost, even if a later pad makes room for it.
  void shift_and_clip(int64_t shift, int64_t canvas) {
    const int64_t unclipped = from + shift;
    from = std::clamp<int64_t>(unclipped, 0, canvas);
    const int64_t unclipped_end = to + shift;
    to = std::clamp<int64_t>(unclipped_end, from, canvas);
    first += mirrored ? unclipped_end - to : from - unclipped;
  }
  void flip(int64_t canvas) {
    from = canvas - std::exchange(to, canvas - from);
    mirrored = !mirrored;
  }

  AxisPlacement placement(int64_t resized) const {
    if (from == to) return {resized, 0, 0, 0};
    return {resized, first, static_cast<int>(to - from), static_cast<int>(from), mirrored};
  }
};

void move(Rect& rect, int64_t down, int64_t right, Size canvas) {
  const auto clipped = [](int64_t value, int limit) {
    return static_cast<int>(std::clamp<int64_t>(value, 0, limit));
  };
  rect = {clipped(rect.top + down, canvas.height), clipped(rect.left + right, canvas.width),
          clipped(rect.bottom + down, canvas.height), clipped(rect.right + right, canvas.width)};
}

void flip(const WindowOp& op, LargeSize canvas, Visible& rows, Visible& columns, Placement& out) {
  if (op.flip_rows) rows.flip(canvas.height);
  if (op.flip_columns) columns.flip(canvas.width);
  for (PaddedCanvas& padded : out.padding) {
    Rect& rect = padded.canvas;
    const auto height = static_cast<int>(canvas.height);
    const auto width = static_cast<int>(canvas.width);
    if (op.flip_rows) rect = {height - rect.bottom, rect.left, height - rect.top, rect.right};
    if (op.flip_columns) rect = {rect.top, width - rect.right, rect.bottom, width - rect.left};
  }
}

}  // namespace

LargeSize resized_size(const ResizeOp& op, LargeSize input) {
  if (op.rule == ResizeRule::kExact) return {op.size.height, op.size.width};
  if (op.rule == ResizeRule::kLongSide) {
    const bool tall = input.height >= input.width;
    const int64_t longer = tall ? input.height : input.width;
    const int64_t product = op.long_side * (tall ? input.width : input.height);
    const int64_t quotient = product / longer;
    const int64_t twice_rest = 2 * (product % longer);
    const bool up = twice_rest > longer || (twice_rest == longer && quotient % 2 == 1);
    const int64_t shorter = std::max<int64_t>(1, quotient + (up ? 1 : 0));
    return tall ? LargeSize{op.long_side, shorter} : LargeSize{shorter, op.long_side};
  }
  // torchvision divides in floating point and truncates; below 2^53 that equals integer division.
  if (input.height <= input.width) return {op.short_side, op.short_side * input.width / input.height};
  return {op.short_side * input.height / input.width, op.short_side};
}

int64_t center_crop_offset(int64_t side, int64_t n) {
  const int64_t margin = side - n;
  const int64_t half = margin / 2;
  return margin % 2 == 0 ? half : half + half % 2;
}

void place(LargeSize resized, std::span<const WindowOp> windows, Placement& out) {
  out.padding.clear();
  LargeSize canvas = resized;
  Visible rows{0, 0, resized.height};
  Visible columns{0, 0, resized.width};
  for (size_t i = 0; i < windows.size(); ++i) {
    const WindowOp& op = windows[i];
    if (op.flips()) {
      flip(op, canvas, rows, columns, out);
      continue;
    }
    const AxisStep vertical = step(canvas.height, op.size.height, op.top, op);
    const AxisStep horizontal = step(canvas.width, op.size.width, op.left, op);
    rows.shift_and_clip(vertical.shift, op.size.height);
    columns.shift_and_clip(horizontal.shift, op.size.width);
    for (PaddedCanvas& padded : out.padding) move(padded.canvas, vertical.shift, horizontal.shift, op.size);
    if (vertical.pads || horizontal.pads) out.padding.push_back({{0, 0, op.size.height, op.size.width}, i});
    canvas = {op.size.height, op.size.width};
  }
  out.rows = rows.placement(resized.height);
  out.columns = columns.placement(resized.width);
  out.canvas = canvas;
}

}  // namespace smol
