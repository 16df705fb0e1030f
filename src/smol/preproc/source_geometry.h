// How decoded pixels map to the full-size picture as it is displayed: after region, DCT scaling and orientation.
#pragma once

#include <cstdint>

#include "smol/base/decode_spec.h"
#include "smol/base/geometry.h"
#include "smol/preproc/placement.h"
#include "smol/preproc/resample_coefficients.h"

namespace smol {

// Decoded pixel i of an axis stands for [start + i * denominator, start + (i + 1) * denominator) of the full picture;
// the first and the last may hang over its border (500 columns at 1/8 are 63 pixels).
struct SourceAxis {
  int64_t pixels = 0;
  int64_t full = 0;
  int64_t start = 0;
  int denominator = 1;
  bool operator==(const SourceAxis&) const = default;

  SourceAxis reversed() const { return {pixels, full, full - (start + pixels * denominator), denominator}; }
  // [first, first + count) of the full picture taken for all of it; decoded pixels may then lie outside.
  SourceAxis cropped(int64_t first, int64_t count) const { return {pixels, count, start - first, denominator}; }
};

struct SourceGeometry {
  SourceAxis rows;
  SourceAxis columns;
};

// Throws Error(kUsage) if `decoded` contradicts itself.
SourceGeometry source_geometry(const DecodedGeometry& decoded);
// The same after turning the pixels upright.
SourceGeometry oriented(const SourceGeometry& stored, Orientation orientation);
// Turning a picture upright and then mirroring it is another orientation.
Orientation mirrored(Orientation orientation, bool rows, bool columns);
// The pixels of a stored picture of size `stored` that become `upright` when it is turned upright.
Rect stored_rect(const Rect& upright, Size stored, Orientation orientation);
// Where `rect` of such a picture comes to lie.
Rect upright_rect(const Rect& rect, Size stored, Orientation orientation);

// Sampling of `output` pixels from the full picture, expressed on the grid of the decoded pixels: grid pixel j is
// decoded pixel j - grid_offset. The grid is that of the whole picture, so a region gives the full decode's weights.
struct GridSampling {
  AxisSampling axis;
  int64_t grid_offset = 0;
};
GridSampling sample_source(const SourceAxis& source, int64_t output, const ResizeOp& op, bool both_shrink);

// Grid pixels that the outputs [first, first + count) need; count >= 1.
TapRange needed_taps(const AxisSampling& axis, int64_t first, int count);

}  // namespace smol
