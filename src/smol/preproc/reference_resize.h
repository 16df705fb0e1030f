// The definition of every resize, written down plainly: a weighted sum of source pixels per axis, in f64.
#pragma once

#include <cstdint>
#include <vector>

#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

// HWC f32.
struct ReferencePicture {
  int64_t height = 0;
  int64_t width = 0;
  int channels = 3;
  std::vector<float> values;

  ReferencePicture(int64_t rows, int64_t columns, int channel_count, float value = 0)
      : height(rows), width(columns), channels(channel_count) {
    values.assign(static_cast<size_t>(rows * columns * channel_count), value);
  }
  float& at(int64_t y, int64_t x, int64_t c) { return values[index(y, x, c)]; }
  float at(int64_t y, int64_t x, int64_t c) const { return values[index(y, x, c)]; }

 private:
  size_t index(int64_t y, int64_t x, int64_t c) const { return static_cast<size_t>((y * width + x) * channels + c); }
};

// What an output pixel reads along an axis; a pixel may appear twice.
struct ReferenceTap {
  int64_t pixel = 0;
  double weight = 0;
};
using ReferenceTaps = std::vector<ReferenceTap>;
// Of all output pixels. `both_shrink`: neither axis of the picture grows (OpenCV's area depends on it).
std::vector<ReferenceTaps> reference_taps(int64_t input, int64_t output, const ResizeOp& op, bool both_shrink);

// `is_u8`: values stand for u8 and are clamped to 0..255 where the convention clamps (bicubic overshoots); they are
// not rounded.
ReferencePicture reference_resize(const ReferencePicture& in, const ResizeOp& op, bool is_u8);

}  // namespace smol
