#include "smol/preproc/resample_tables.h"

#include <algorithm>

namespace smol {
namespace {

int32_t pair(int32_t first, int32_t second) {
  return static_cast<int32_t>(static_cast<uint32_t>(first & 0xffff) | static_cast<uint32_t>(second) << 16);
}
int32_t high(int32_t weight) { return weight >> kLowWeightBits; }
int32_t low(int32_t weight) { return weight & ((1 << kLowWeightBits) - 1); }

}  // namespace

void FixedPointTaps::assign(const ResampleCoefficients& coefficients) {
  const size_t outputs = static_cast<size_t>(coefficients.outputs());
  ranges.resize(outputs);
  starts.resize(outputs);
  const std::span<const double> exact = coefficients.all_weights();
  weights.resize(exact.size());
  std::transform(exact.begin(), exact.end(), weights.begin(), fixed_point_weight);
  for (size_t i = 0; i < outputs; ++i) {
    TapRange taps = coefficients.range(static_cast<int>(i));
    size_t start = coefficients.start(static_cast<int>(i));
    while (taps.count > 1 && weights[start] == 0) {
      ++taps.first;
      --taps.count;
      ++start;
    }
    // Ends stay in order, too.
    const int64_t previous_end = i > 0 ? ranges[i - 1].end() : 0;
    while (taps.count > 1 && weights[start + static_cast<size_t>(taps.count) - 1] == 0 && taps.end() > previous_end) {
      --taps.count;
    }
    starts[i] = start;
    ranges[i] = taps;
  }
  // Trimming must not let a range start after its successor's: the rows could not be streamed.
  for (size_t i = outputs; i-- > 1;) {
    const int64_t excess = ranges[i - 1].first - ranges[i].first;
    if (excess <= 0) continue;
    ranges[i - 1].first -= excess;
    ranges[i - 1].count += static_cast<int>(excess);
    starts[i - 1] -= static_cast<size_t>(excess);
  }
}

void HorizontalTaps::assign(const FixedPointTaps& taps, bool mirrored) {
  const size_t count = taps.ranges.size();
  int64_t begin = taps.ranges[0].first;
  int64_t end = 0;
  int most = 0;
  for (const TapRange& range : taps.ranges) {
    begin = std::min(begin, range.first);
    end = std::max(end, range.end());
    most = std::max(most, range.count);
  }
  outputs = static_cast<int>((count + 3) / 4 * 4);
  chunks = (most + kTapsPerChunk - 1) / kTapsPerChunk;
  first_pixel = begin;
  used_pixels = end - begin;
  first_byte.resize(static_cast<size_t>(outputs));
  weights.resize(static_cast<size_t>(outputs) * static_cast<size_t>(chunks) * kWeightsPerChunk);

  int32_t last_byte = 0;
  int32_t* packed = weights.data();
  for (size_t i = 0; i < first_byte.size(); ++i) {
    const size_t shown = std::min(i, count - 1);
    const size_t output = mirrored ? count - 1 - shown : shown;
    const int64_t first = taps.ranges[output].first;
    first_byte[i] = static_cast<int32_t>((first - begin) * 3);
    last_byte = std::max(last_byte, first_byte[i]);
    for (int chunk = 0; chunk < chunks; ++chunk) {
      int32_t w[kTapsPerChunk];
      for (int tap = 0; tap < kTapsPerChunk; ++tap) w[tap] = taps.weight(output, first + chunk * kTapsPerChunk + tap);
      *packed++ = pair(high(w[0]), high(w[1]));
      *packed++ = pair(high(w[2]), high(w[3]));
      *packed++ = pair(low(w[0]), low(w[1]));
      *packed++ = pair(low(w[2]), low(w[3]));
    }
  }
  // The last chunk's load of 16 bytes is 4 longer than its taps.
  readable_bytes = static_cast<size_t>(last_byte) + static_cast<size_t>(chunks) * 12 + 4;
}

void VerticalTaps::assign(const FixedPointTaps& taps) {
  used.clear();
  for (const TapRange& range : taps.ranges) {
    if (!used.empty() && range.first <= used.back().end) {
      used.back().end = std::max(used.back().end, range.end());
    } else {
      used.push_back({range.first, range.end(), 0});
    }
  }
  int64_t number = 0;
  for (UsedRows& run : used) {
    run.first_number = number;
    number += run.end - run.begin;
  }

  rows.clear();
  weights.clear();
  max_pairs = 0;
  size_t run = 0;
  for (size_t i = 0; i < taps.ranges.size(); ++i) {
    const TapRange& range = taps.ranges[i];
    while (range.first >= used[run].end) ++run;
    const int64_t first = range.first - used[run].begin + used[run].first_number;
    const int64_t end = first + range.count;
    VerticalRow row;
    row.first_pair = first / 2;
    row.pairs = static_cast<int>((end + 1) / 2 - row.first_pair);
    row.rows_before = end;
    row.weights = weights.size();
    for (int64_t p = row.first_pair; p < row.first_pair + row.pairs; ++p) {
      const int32_t even = taps.weight(i, range.first + 2 * p - first);
      const int32_t odd = taps.weight(i, range.first + 2 * p + 1 - first);
      weights.push_back(pair(high(even), high(odd)));
      weights.push_back(pair(low(even), low(odd)));
    }
    max_pairs = std::max(max_pairs, row.pairs);
    rows.push_back(row);
  }
}

}  // namespace smol
