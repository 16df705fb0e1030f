#include "smol/media/png_unfilter.h"

#include <cstdlib>
#include <cstring>

#include "smol/base/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "smol/media/png_unfilter.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#ifndef SMOL_MEDIA_PNG_UNFILTER_ONCE
#define SMOL_MEDIA_PNG_UNFILTER_ONCE
namespace smol {

enum PngFilter : uint8_t { kNone, kSub, kUp, kAverage, kPaeth };
constexpr int kChainedFilters = 3;  // kSub, kAverage, kPaeth: a pixel needs the one to its left

using UnfilterPair = void (*)(const FilteredRow& upper, const FilteredRow& lower, const uint8_t* above, int pixels,
                              int pixel_bytes);

using UnfilterOne = void (*)(const FilteredRow& row, const uint8_t* above, int pixels, int pixel_bytes);

struct UnfilterKernels {
  UnfilterPair pair[kChainedFilters][kChainedFilters];  // by the filters of the upper and of the lower row
  UnfilterOne one[kChainedFilters];
};

}  // namespace smol
#endif

HWY_BEFORE_NAMESPACE();
namespace smol {
namespace HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;
using D16 = hn::FixedTag<int16_t, 8>;
using D8 = hn::FixedTag<uint8_t, 8>;
using V16 = hn::Vec<D16>;

HWY_INLINE uint32_t load_pixel(const uint8_t* bytes) {
  uint32_t pixel;
  std::memcpy(&pixel, bytes, sizeof(pixel));
  return pixel;
}

// Two pixels of four bytes as eight 16-bit lanes.
HWY_INLINE V16 widen(uint32_t low, uint32_t high) {
  const hn::FixedTag<uint64_t, 1> d64;
  const auto bytes = hn::BitCast(D8(), hn::Set(d64, uint64_t{high} << 32 | low));
  return hn::PromoteTo(D16(), bytes);
}

template <PngFilter filter>
HWY_INLINE V16 predict(V16 left, V16 up, V16 corner) {
  if constexpr (filter == kSub) return left;
  if constexpr (filter == kAverage) return hn::ShiftRight<1>(hn::Add(left, up));
  const V16 up_less_corner = hn::Sub(up, corner);
  const V16 left_less_corner = hn::Sub(left, corner);
  const V16 distance_left = hn::Abs(up_less_corner);
  const V16 distance_up = hn::Abs(left_less_corner);
  const V16 distance_corner = hn::Abs(hn::Add(up_less_corner, left_less_corner));
  const V16 least = hn::Min(distance_left, hn::Min(distance_up, distance_corner));
  return hn::IfThenElse(hn::Eq(distance_left, least), left, hn::IfThenElse(hn::Eq(distance_up, least), up, corner));
}

// The upper row's pixel x and the lower row's pixel x - 1 at once: each waits only for its own left neighbour, so the
// chain of one hides that of the other. Lanes 0..3 are the upper row's, 4..7 the lower one's; the pixel above the
// lower one is the upper row's last result.
template <PngFilter upper_filter, PngFilter lower_filter>
void unfilter_pair(const FilteredRow& upper, const FilteredRow& lower, const uint8_t* above, int pixels,
                   int pixel_bytes) {
  const D16 d16;
  const auto step = static_cast<size_t>(pixel_bytes);
  const uint8_t* upper_in = upper.filtered + 1;
  const uint8_t* lower_in = lower.filtered + 1;
  uint8_t* upper_out = upper.pixels;
  uint8_t* lower_out = lower.pixels;
  const V16 byte_mask = hn::Set(d16, int16_t{0xff});
  V16 left = hn::Zero(d16);
  V16 corner = hn::Zero(d16);
  const auto predict_both = [&](V16 up) HWY_ATTR {
    if constexpr (upper_filter == lower_filter) return predict<upper_filter>(left, up, corner);
    return hn::ConcatUpperLower(d16, predict<lower_filter>(left, up, corner),
                                predict<upper_filter>(left, up, corner));
  };
  const auto store = [](uint32_t pixel, uint8_t* out) { std::memcpy(out, &pixel, sizeof(pixel)); };
  const auto bytes_of = [](V16 lanes) HWY_ATTR {
    return hn::GetLane(hn::BitCast(hn::FixedTag<uint64_t, 1>(), hn::DemoteTo(D8(), lanes)));
  };

  // The first pixel of the upper row: its lanes alone, so that the lower row finds zeros to its left and above that.
  V16 up = widen(load_pixel(above), 0);
  left = hn::And(hn::Add(widen(load_pixel(upper_in), 0), predict<upper_filter>(left, up, corner)), byte_mask);
  left = hn::ConcatLowerLower(d16, hn::Zero(d16), left);
  corner = up;
  store(static_cast<uint32_t>(bytes_of(left)), upper_out);
  for (int x = 1; x < pixels; ++x) {
    upper_in += step;
    upper_out += step;
    above += step;
    up = hn::ConcatLowerLower(d16, left, widen(load_pixel(above), 0));
    left = hn::And(hn::Add(widen(load_pixel(upper_in), load_pixel(lower_in)), predict_both(up)), byte_mask);
    corner = up;
    const uint64_t both = bytes_of(left);
    store(static_cast<uint32_t>(both), upper_out);
    store(static_cast<uint32_t>(both >> 32), lower_out);
    lower_in += step;
    lower_out += step;
  }
  // The last pixel of the lower row.
  up = hn::ConcatLowerLower(d16, left, hn::Zero(d16));
  left = hn::And(hn::Add(widen(0, load_pixel(lower_in)), predict_both(up)), byte_mask);
  store(static_cast<uint32_t>(bytes_of(left) >> 32), lower_out);
}

template <PngFilter filter>
void unfilter_one(const FilteredRow& row, const uint8_t* above, int pixels, int pixel_bytes) {
  const D16 d16;
  const auto step = static_cast<size_t>(pixel_bytes);
  const uint8_t* in = row.filtered + 1;
  uint8_t* out = row.pixels;
  const V16 byte_mask = hn::Set(d16, int16_t{0xff});
  V16 left = hn::Zero(d16);
  V16 corner = hn::Zero(d16);
  for (int x = 0; x < pixels; ++x, in += step, out += step, above += step) {
    const V16 up = widen(load_pixel(above), 0);
    left = hn::And(hn::Add(widen(load_pixel(in), 0), predict<filter>(left, up, corner)), byte_mask);
    corner = up;
    const auto bytes = hn::BitCast(hn::FixedTag<uint64_t, 1>(), hn::DemoteTo(D8(), left));
    const auto pixel = static_cast<uint32_t>(hn::GetLane(bytes));
    std::memcpy(out, &pixel, sizeof(pixel));
  }
}

const UnfilterKernels* unfilter_kernels() {
  static constexpr UnfilterKernels kKernels = {
      {{unfilter_pair<kSub, kSub>, unfilter_pair<kSub, kAverage>, unfilter_pair<kSub, kPaeth>},
       {unfilter_pair<kAverage, kSub>, unfilter_pair<kAverage, kAverage>, unfilter_pair<kAverage, kPaeth>},
       {unfilter_pair<kPaeth, kSub>, unfilter_pair<kPaeth, kAverage>, unfilter_pair<kPaeth, kPaeth>}},
      {unfilter_one<kSub>, unfilter_one<kAverage>, unfilter_one<kPaeth>}};
  return &kKernels;
}

#else

const UnfilterKernels* unfilter_kernels() { return nullptr; }

#endif

}  // namespace HWY_NAMESPACE
}  // namespace smol
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace smol {
namespace {

HWY_EXPORT(unfilter_kernels);

uint8_t paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int to_left = std::abs(estimate - left);
  const int to_up = std::abs(estimate - up);
  const int to_corner = std::abs(estimate - corner);
  if (to_left <= to_up && to_left <= to_corner) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(to_up <= to_corner ? up : corner);
}

bool unfilter_row_plain(const FilteredRow& row, const uint8_t* above, size_t row_bytes, size_t pixel_bytes) {
  const uint8_t filter = row.filtered[0];
  if (filter > kPaeth) return false;
  for (size_t i = 0; i < row_bytes; ++i) {
    const int left = i >= pixel_bytes ? row.pixels[i - pixel_bytes] : 0;
    const int corner = i >= pixel_bytes ? above[i - pixel_bytes] : 0;
    int predicted = 0;
    if (filter == kSub) predicted = left;
    if (filter == kUp) predicted = above[i];
    if (filter == kAverage) predicted = (left + above[i]) / 2;
    if (filter == kPaeth) predicted = paeth(left, above[i], corner);
    row.pixels[i] = static_cast<uint8_t>(row.filtered[1 + i] + predicted);
  }
  return true;
}

// The place of a filter in UnfilterKernels; -1: its pixels do not need their left neighbours.
int chained_place(uint8_t filter) {
  switch (filter) {
    case kSub: return 0;
    case kAverage: return 1;
    case kPaeth: return 2;
    default: return -1;
  }
}

}  // namespace

bool png_unfilter_plain(const FilteredRow* rows, int count, const uint8_t* above, size_t row_bytes, int pixel_bytes) {
  for (int y = 0; y < count; ++y) {
    if (!unfilter_row_plain(rows[y], above, row_bytes, static_cast<size_t>(pixel_bytes))) return false;
    above = rows[y].pixels;
  }
  return true;
}

bool png_unfilter(const FilteredRow* rows, int count, const uint8_t* above, size_t row_bytes, int pixel_bytes) {
  static const UnfilterKernels* const kKernels = HWY_DYNAMIC_DISPATCH(unfilter_kernels)();
  const int pixels = static_cast<int>(row_bytes / static_cast<size_t>(pixel_bytes));
  for (int y = 0; y < count; ++y) {
    const FilteredRow& row = rows[y];
    const int upper = chained_place(row.filtered[0]);
    const int lower = y + 1 < count ? chained_place(rows[y + 1].filtered[0]) : -1;
    if (kKernels != nullptr && upper >= 0 && lower >= 0) {
      kKernels->pair[upper][lower](row, rows[y + 1], above, pixels, pixel_bytes);
      ++y;
    } else if (row.filtered[0] == kNone) {
      std::memcpy(row.pixels, row.filtered + 1, row_bytes);
    } else if (row.filtered[0] == kUp) {
      for (size_t i = 0; i < row_bytes; ++i) row.pixels[i] = static_cast<uint8_t>(row.filtered[1 + i] + above[i]);
    } else if (kKernels != nullptr && upper >= 0) {
      kKernels->one[upper](row, above, pixels, pixel_bytes);
    } else if (!unfilter_row_plain(row, above, row_bytes, static_cast<size_t>(pixel_bytes))) {
      return false;
    }
    above = rows[y].pixels;
  }
  return true;
}

}  // namespace smol
#endif
