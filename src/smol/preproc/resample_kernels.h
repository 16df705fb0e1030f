// The SIMD loops of the fused executor, compiled once per Highway target and chosen at run time.
//
// Every target gives the same bits: the arithmetic is integer up to the last multiply and add, which are two
// roundings on every target. No kernel reads beyond what it states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smol/preproc/resample_tables.h"

namespace smol {

// A horizontally resampled pair of rows, 2k and 2k + 1: three planes of `plane_stride` i32, each holding the result
// (u8, or as wide as HorizontalTaps says) of the even row in its low and of the odd row in its high 16 bits.
inline constexpr size_t kPairLaneMultiple = 16;  // plane_stride is a multiple: a vector may run past the last column

// One row of output from the pairs of rows that it needs.
struct VerticalJob {
  const int32_t* const* pairs = nullptr;  // first lane of each pair's plane 0
  const int32_t* weights = nullptr;       // {high, low} of each pair
  int pair_count = 0;                     // >= 1
  int width = 0;                          // >= 1
  size_t plane_stride = 0;
  size_t source_plane[3] = {0, 1, 2};  // of each output plane
};

struct ResampleKernels {
  std::string_view target;  // Highway's name
  int rows_per_group = 2;   // even: rows that one call of horizontal() takes

  // rows[i]: the first readable byte (HorizontalTaps::first_pixel) of row i of the group; readable_bytes are read of
  // each. pairs[i]: where to write rows 2i and 2i + 1; taps.outputs columns are written to each plane.
  void (*horizontal)(const HorizontalTaps& taps, const uint8_t* const* rows, size_t plane_stride,
                     int32_t* const* pairs) = nullptr;

  // out[c][x] = value * scale[c] + bias[c].
  void (*vertical_f32)(const VerticalJob& job, const float* scale, const float* bias, float* const* out) = nullptr;
  void (*vertical_u8)(const VerticalJob& job, uint8_t* const* out) = nullptr;

  // out[3 * x + c] = planes[c][x].
  void (*interleave_f32)(const float* const* planes, int width, float* out) = nullptr;
  void (*interleave_u8)(const uint8_t* const* planes, int width, uint8_t* out) = nullptr;

  // (19595 R + 38470 G + 7471 B + 32768) / 65536, as Pillow's convert("L").
  void (*grey)(const uint8_t* const* planes, int width, uint8_t* out) = nullptr;
  // out[x] = row[x] * scale + bias.
  void (*affine)(const uint8_t* row, float scale, float bias, int width, float* out) = nullptr;
  // IEEE binary16, rounded to nearest, halves to even.
  void (*half)(const float* values, size_t count, uint16_t* out) = nullptr;
};

// Of the best target that this CPU supports (or that a test has set).
const ResampleKernels& resample_kernels();

}  // namespace smol
