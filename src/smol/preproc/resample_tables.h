// Fixed-point weights in the order in which the SIMD kernels read them.
//
// A 22-bit weight w is split as w = high * 2^11 + low with both halves in an i16, so that i16 pair multiplies
// (vpmaddwd) sum high and low parts in i32; (sum_high << 11) + sum_low is then the exact 22-bit sum modulo 2^32, and
// the true sum fits. Two taps' halves share one i32: the first tap in the low 16 bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smol/preproc/resample_coefficients.h"

namespace smol {

inline constexpr int kLowWeightBits = 11;

// Taps with a weight other than 0; ranges start and end in ascending order.
struct FixedPointTaps {
  std::vector<TapRange> ranges;  // in grid pixels
  std::vector<size_t> starts;    // of each output's weights
  std::vector<int32_t> weights;
  void assign(const ResampleCoefficients& coefficients);
  int32_t weight(size_t output, int64_t tap) const {
    const TapRange& taps = ranges[output];
    return tap < taps.first || tap >= taps.end() ? 0
                                                 : weights[starts[output] + static_cast<size_t>(tap - taps.first)];
  }
};

// Horizontal pass: chunks of 4 taps (12 bytes of RGB, one 16-byte load); the same number for every output.
inline constexpr int kTapsPerChunk = 4;
inline constexpr int kWeightsPerChunk = 4;  // high of taps 0, 1; high of taps 2, 3; low of 0, 1; low of 2, 3
struct HorizontalTaps {
  int outputs = 0;  // a multiple of 4; those past the window repeat the last one
  int chunks = 0;
  int64_t first_pixel = 0;          // leftmost pixel that is read, on the grid
  int64_t used_pixels = 0;          // from there
  size_t readable_bytes = 0;        // of a row, from first_pixel: what the kernels may load
  std::vector<int32_t> first_byte;  // of each output, relative to first_pixel
  std::vector<int32_t> weights;     // [output][chunk][kWeightsPerChunk]
  // What a horizontal sum is clamped to: u8, or wider where only the final value is (i16 lanes hold it).
  int16_t lowest = 0;
  int16_t highest = 255;
  // `mirrored`: the last output first.
  void assign(const FixedPointTaps& taps, bool mirrored);
};

// Vertical pass: rows that some output needs are numbered without gaps, and taken in pairs (0, 1), (2, 3), ...
struct UsedRows {
  int64_t begin = 0;  // on the grid
  int64_t end = 0;
  int64_t first_number = 0;
};
struct VerticalRow {
  int64_t first_pair = 0;
  int pairs = 0;
  int64_t rows_before = 0;  // the output can be computed once this many used rows have come
  size_t weights = 0;       // start of pairs x {high, low}
};
struct VerticalTaps {
  std::vector<UsedRows> used;  // ascending, disjoint
  std::vector<VerticalRow> rows;
  std::vector<int32_t> weights;
  int max_pairs = 0;
  void assign(const FixedPointTaps& taps);
};

}  // namespace smol
