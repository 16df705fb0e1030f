#include "smol/preproc/source_geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "smol/base/error.h"

namespace smol {
namespace {

void check_axis(const SourceAxis& axis, const char* what, int covered) {
  const int64_t denominator = axis.denominator;
  const bool scaled = denominator >= 1 && axis.pixels >= 1 && axis.pixels * denominator == covered;
  const bool inside = axis.start >= 0 && axis.start < axis.full && axis.start + covered < axis.full + denominator;
  if (scaled && inside) return;
  throw Error(ErrorCode::kUsage, fmt::format("decoded geometry contradicts itself: {} {} cover {}+{} of {} at 1/{}",
                                             axis.pixels, what, axis.start, covered, axis.full, axis.denominator));
}

}  // namespace

SourceGeometry source_geometry(const DecodedGeometry& decoded) {
  const Rect& covers = decoded.covers;
  const int denominator = decoded.scale_denominator;
  SourceGeometry source{{decoded.size.height, decoded.full.height, covers.top, denominator},
                        {decoded.size.width, decoded.full.width, covers.left, denominator}};
  check_axis(source.rows, "rows", covers.height());
  check_axis(source.columns, "columns", covers.width());
  return source;
}

SourceGeometry oriented(const SourceGeometry& stored, Orientation orientation) {
  const SourceAxis& rows = stored.rows;
  const SourceAxis& columns = stored.columns;
  switch (orientation) {
    case Orientation::kUpright: return stored;
    case Orientation::kFlipHorizontally: return {rows, columns.reversed()};
    case Orientation::kRotate180: return {rows.reversed(), columns.reversed()};
    case Orientation::kFlipVertically: return {rows.reversed(), columns};
    case Orientation::kTranspose: return {columns, rows};
    case Orientation::kRotate90Clockwise: return {columns, rows.reversed()};
    case Orientation::kTransverse: return {columns.reversed(), rows.reversed()};
    case Orientation::kRotate90CounterClockwise: return {columns.reversed(), rows};
  }
  return stored;
}

Orientation mirrored(Orientation orientation, bool rows, bool columns) {
  const auto mirrored_columns = [](Orientation o) {
    switch (o) {
      case Orientation::kUpright: return Orientation::kFlipHorizontally;
      case Orientation::kFlipHorizontally: return Orientation::kUpright;
      case Orientation::kRotate180: return Orientation::kFlipVertically;
      case Orientation::kFlipVertically: return Orientation::kRotate180;
      case Orientation::kTranspose: return Orientation::kRotate90Clockwise;
      case Orientation::kRotate90Clockwise: return Orientation::kTranspose;
      case Orientation::kTransverse: return Orientation::kRotate90CounterClockwise;
      case Orientation::kRotate90CounterClockwise: return Orientation::kTransverse;
    }
    return o;
  };
  const auto mirrored_rows = [](Orientation o) {
    switch (o) {
      case Orientation::kUpright: return Orientation::kFlipVertically;
      case Orientation::kFlipHorizontally: return Orientation::kRotate180;
      case Orientation::kRotate180: return Orientation::kFlipHorizontally;
      case Orientation::kFlipVertically: return Orientation::kUpright;
      case Orientation::kTranspose: return Orientation::kRotate90CounterClockwise;
      case Orientation::kRotate90Clockwise: return Orientation::kTransverse;
      case Orientation::kTransverse: return Orientation::kRotate90Clockwise;
      case Orientation::kRotate90CounterClockwise: return Orientation::kTranspose;
    }
    return o;
  };
  if (rows) orientation = mirrored_rows(orientation);
  return columns ? mirrored_columns(orientation) : orientation;
}

Rect stored_rect(const Rect& upright, Size stored, Orientation orientation) {
  const auto flip_columns = [&](const Rect& r) {
    return Rect{r.top, stored.width - r.right, r.bottom, stored.width - r.left};
  };
  const auto flip_rows = [&](const Rect& r) {
    return Rect{stored.height - r.bottom, r.left, stored.height - r.top, r.right};
  };
  const Rect swapped{upright.left, upright.top, upright.right, upright.bottom};
  switch (orientation) {
    case Orientation::kUpright: return upright;
    case Orientation::kFlipHorizontally: return flip_columns(upright);
    case Orientation::kRotate180: return flip_rows(flip_columns(upright));
    case Orientation::kFlipVertically: return flip_rows(upright);
    case Orientation::kTranspose: return swapped;
    case Orientation::kRotate90Clockwise: return flip_rows(swapped);
    case Orientation::kTransverse: return flip_rows(flip_columns(swapped));
    case Orientation::kRotate90CounterClockwise: return flip_columns(swapped);
  }
  return upright;
}

Rect upright_rect(const Rect& rect, Size stored, Orientation orientation) {
  // All orientations but the quarter turns undo themselves.
  Orientation inverse = orientation;
  if (orientation == Orientation::kRotate90Clockwise) inverse = Orientation::kRotate90CounterClockwise;
  if (orientation == Orientation::kRotate90CounterClockwise) inverse = Orientation::kRotate90Clockwise;
  return stored_rect(rect, oriented(stored, orientation), inverse);
}

GridSampling sample_source(const SourceAxis& source, int64_t output, const ResizeOp& op, bool both_shrink) {
  const int64_t d = source.denominator;
  // The grid starts `phase` full pixels before the picture, so that decoded pixels fall on it.
  const int64_t phase = ((-source.start) % d + d) % d;
  GridSampling grid;
  grid.grid_offset = (source.start + phase) / d;
  grid.axis.input = (source.full + phase + d - 1) / d;
  grid.axis.box_begin = static_cast<double>(phase) / static_cast<double>(d);
  grid.axis.box_end = static_cast<double>(source.full + phase) / static_cast<double>(d);
  grid.axis.output = output;
  grid.axis.filter = op.filter;
  grid.axis.antialias = op.antialias;
  grid.axis.convention = op.convention;
  grid.axis.both_shrink = both_shrink;
  return grid;
}

TapRange needed_taps(const AxisSampling& axis, int64_t first, int count) {
  const TapRange begin = tap_range(axis, first);
  const TapRange end = tap_range(axis, first + count - 1);
  return {begin.first, static_cast<int>(end.end() - begin.first)};
}

}  // namespace smol
