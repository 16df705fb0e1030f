#include "smol/preproc/resample_kernels.h"

#include <algorithm>
#include <cstring>

#include "smol/base/half.h"
#include "smol/base/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "smol/preproc/resample_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace smol {
namespace HWY_NAMESPACE {

// Pillow's L.
constexpr int32_t kRedWeight = 19595;
constexpr int32_t kGreenWeight = 38470;
constexpr int32_t kBlueWeight = 7471;
constexpr int32_t kGreyHalf = 1 << 15;
inline uint8_t grey_of(int32_t red, int32_t green, int32_t blue) {
  return static_cast<uint8_t>((kRedWeight * red + kGreenWeight * green + kBlueWeight * blue + kGreyHalf) >> 16);
}

#if HWY_TARGET == HWY_SCALAR

// CPUs below SSSE3. Highway's scalar target has no lanes to shuffle, so it is plain C++.
constexpr int kRowsPerGroup = 2;
constexpr int32_t kHalf = 1 << (kWeightBits - 1);

int32_t weight_of(int32_t high, int32_t low, int position) {
  const auto half = [position](int32_t packed) { return static_cast<int16_t>(packed >> (16 * position)); };
  return half(high) * (1 << kLowWeightBits) + half(low);
}

int32_t rounded(int32_t sum, int32_t lowest = 0, int32_t highest = 255) {
  return std::clamp(sum >> kWeightBits, lowest, highest);
}

void horizontal(const HorizontalTaps& taps, const uint8_t* const* rows, size_t plane_stride, int32_t* const* pairs) {
  const size_t chunks = static_cast<size_t>(taps.chunks);
  for (size_t x = 0; x < static_cast<size_t>(taps.outputs); ++x) {
    for (size_t channel = 0; channel < 3; ++channel) {
      int32_t sums[2] = {kHalf, kHalf};
      const int32_t* weights = taps.weights.data() + x * chunks * kWeightsPerChunk;
      size_t byte = static_cast<size_t>(taps.first_byte[x]) + channel;
      for (size_t chunk = 0; chunk < chunks; ++chunk, weights += kWeightsPerChunk) {
        for (int tap = 0; tap < kTapsPerChunk; ++tap, byte += 3) {
          const int32_t weight = weight_of(weights[tap / 2], weights[2 + tap / 2], tap % 2);
          sums[0] += weight * rows[0][byte];
          sums[1] += weight * rows[1][byte];
        }
      }
      const int32_t even = rounded(sums[0], taps.lowest, taps.highest);
      const int32_t odd = rounded(sums[1], taps.lowest, taps.highest);
      pairs[0][channel * plane_stride + x] = (even & 0xffff) | odd * (1 << 16);
    }
  }
}

int32_t vertical_value(const VerticalJob& job, size_t plane, int x) {
  int32_t sum = kHalf;
  for (int p = 0; p < job.pair_count; ++p) {
    const int32_t value = job.pairs[p][job.source_plane[plane] * job.plane_stride + static_cast<size_t>(x)];
    const int32_t high = job.weights[2 * p];
    const int32_t low = job.weights[2 * p + 1];
    sum += weight_of(high, low, 0) * static_cast<int16_t>(value) + weight_of(high, low, 1) * (value >> 16);
  }
  return rounded(sum);
}

void vertical_f32(const VerticalJob& job, const float* scale, const float* bias, float* const* out) {
  for (size_t plane = 0; plane < 3; ++plane) {
    for (int x = 0; x < job.width; ++x) {
      const float product = static_cast<float>(vertical_value(job, plane, x)) * scale[plane];
      out[plane][x] = product + bias[plane];
    }
  }
}

void vertical_u8(const VerticalJob& job, uint8_t* const* out) {
  for (size_t plane = 0; plane < 3; ++plane) {
    for (int x = 0; x < job.width; ++x) out[plane][x] = static_cast<uint8_t>(vertical_value(job, plane, x));
  }
}

template <typename T>
void interleave(const T* const* planes, int width, T* out) {
  for (int x = 0; x < width; ++x) {
    for (int plane = 0; plane < 3; ++plane) *out++ = planes[plane][x];
  }
}

void grey(const uint8_t* const* planes, int width, uint8_t* out) {
  for (int x = 0; x < width; ++x) out[x] = grey_of(planes[0][x], planes[1][x], planes[2][x]);
}

void affine(const uint8_t* row, float scale, float bias, int width, float* out) {
  for (int x = 0; x < width; ++x) {
    const float product = static_cast<float>(row[x]) * scale;
    out[x] = product + bias;
  }
}

void half(const float* values, size_t count, uint16_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half_from_float(values[i]);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Vectors are rows of 128-bit blocks.
static_assert(!HWY_HAVE_SCALABLE);
constexpr size_t kBlocks = HWY_MAX_BYTES / 16;
constexpr int kRowsPerGroup = static_cast<int>(2 * kBlocks);

const hn::FixedTag<uint8_t, 16> kBlockU8;
const hn::FixedTag<int32_t, 4> kBlockI32;
const hn::FixedTag<uint8_t, 16 * kBlocks> kU8;
const hn::FixedTag<int16_t, 8 * kBlocks> kI16;
const hn::FixedTag<int32_t, 4 * kBlocks> kI32;
const hn::FixedTag<float, 4 * kBlocks> kF32;
using VI32 = hn::Vec<decltype(kI32)>;
using VI16 = hn::Vec<decltype(kI16)>;
using VU8 = hn::Vec<decltype(kU8)>;
constexpr size_t kLanes = 4 * kBlocks;

// Sums of products of i16 pairs. Targets without a pairwise multiply use both halves until total().
HWY_INLINE void add_products(VI32& even, VI32& odd, VI16 values, VI32 weights) {
  even = hn::ReorderWidenMulAccumulate(kI32, values, hn::BitCast(kI16, weights), even, odd);
}
// Makes total() round: products that add half a level to every pair, wherever the target keeps its parts.
HWY_INLINE void start_with_half(VI32& even, VI32& odd) {
  const VI16 root = hn::Set(kI16, 1 << (kWeightBits / 2 - 1));
  even = odd = hn::Zero(kI32);
  add_products(even, odd, root, hn::BitCast(kI32, root));
}
// Of the high and the low halves of the weights.
HWY_INLINE VI32 total(VI32 high_even, VI32 high_odd, VI32 low_even, VI32 low_odd) {
  const VI32 high = hn::RearrangeToOddPlusEven(high_even, high_odd);
  const VI32 low = hn::RearrangeToOddPlusEven(low_even, low_odd);
  return hn::Add(hn::ShiftLeft<kLowWeightBits>(high), low);
}

// 16 bytes at `offset` of every second row: one row a block.
HWY_INLINE VU8 load_rows(const uint8_t* const* rows, size_t offset) {
#if HWY_MAX_BYTES == 64
  const hn::FixedTag<uint8_t, 32> half;
  const auto lower = hn::Combine(half, hn::LoadU(kBlockU8, rows[2] + offset), hn::LoadU(kBlockU8, rows[0] + offset));
  const auto upper = hn::Combine(half, hn::LoadU(kBlockU8, rows[6] + offset), hn::LoadU(kBlockU8, rows[4] + offset));
  return hn::Combine(kU8, upper, lower);
#elif HWY_MAX_BYTES == 32
  return hn::Combine(kU8, hn::LoadU(kBlockU8, rows[2] + offset), hn::LoadU(kBlockU8, rows[0] + offset));
#else
  return hn::LoadU(kBlockU8, rows[0] + offset);
#endif
}

// Block b goes to pairs[b] + index.
HWY_INLINE void store_blocks(VI32 v, int32_t* const* pairs, size_t index) {
#if HWY_MAX_BYTES == 64
  const hn::FixedTag<int32_t, 8> half;
  const auto lower = hn::LowerHalf(half, v);
  const auto upper = hn::UpperHalf(half, v);
  hn::StoreU(hn::LowerHalf(kBlockI32, lower), kBlockI32, pairs[0] + index);
  hn::StoreU(hn::UpperHalf(kBlockI32, lower), kBlockI32, pairs[1] + index);
  hn::StoreU(hn::LowerHalf(kBlockI32, upper), kBlockI32, pairs[2] + index);
  hn::StoreU(hn::UpperHalf(kBlockI32, upper), kBlockI32, pairs[3] + index);
#elif HWY_MAX_BYTES == 32
  hn::StoreU(hn::LowerHalf(kBlockI32, v), kBlockI32, pairs[0] + index);
  hn::StoreU(hn::UpperHalf(kBlockI32, v), kBlockI32, pairs[1] + index);
#else
  hn::StoreU(v, kBlockI32, pairs[0] + index);
#endif
}

// RGBRGBRGBRGB.... as i16 pairs of taps: R0 R1 G0 G1 B0 B1 0 0, and the same of taps 2 and 3.
constexpr uint8_t kNone = 0x80;
alignas(16) constexpr uint8_t kTaps01[16] = {0, kNone, 3, kNone, 1,     kNone, 4,     kNone,
                                             2, kNone, 5, kNone, kNone, kNone, kNone, kNone};
alignas(16) constexpr uint8_t kTaps23[16] = {6, kNone, 9,  kNone, 7,     kNone, 10,    kNone,
                                             8, kNone, 11, kNone, kNone, kNone, kNone, kNone};

// One output column of a group of rows: lanes R, G, B, - of each row pair, even row low, odd row high.
HWY_INLINE VI32 column(const uint8_t* const* rows, size_t offset, size_t chunks, const int32_t* weights, VI16 lowest,
                       VI16 highest) {
  const VU8 taps01 = hn::LoadDup128(kU8, kTaps01);
  const VU8 taps23 = hn::LoadDup128(kU8, kTaps23);
  const VI32 zero = hn::Zero(kI32);
  VI32 even_high[2] = {zero, zero};
  VI32 even_low[2];
  start_with_half(even_low[0], even_low[1]);
  VI32 odd_high[2] = {zero, zero};
  VI32 odd_low[2] = {even_low[0], even_low[1]};
  for (size_t chunk = 0; chunk < chunks; ++chunk, offset += 12, weights += kWeightsPerChunk) {
    const VI32 high01 = hn::Set(kI32, weights[0]);
    const VI32 high23 = hn::Set(kI32, weights[1]);
    const VI32 low01 = hn::Set(kI32, weights[2]);
    const VI32 low23 = hn::Set(kI32, weights[3]);
    const VU8 even_bytes = load_rows(rows, offset);
    const VU8 odd_bytes = load_rows(rows + 1, offset);
    const VI16 even01 = hn::BitCast(kI16, hn::TableLookupBytesOr0(even_bytes, taps01));
    const VI16 even23 = hn::BitCast(kI16, hn::TableLookupBytesOr0(even_bytes, taps23));
    const VI16 odd01 = hn::BitCast(kI16, hn::TableLookupBytesOr0(odd_bytes, taps01));
    const VI16 odd23 = hn::BitCast(kI16, hn::TableLookupBytesOr0(odd_bytes, taps23));
    add_products(even_high[0], even_high[1], even01, high01);
    add_products(even_high[0], even_high[1], even23, high23);
    add_products(even_low[0], even_low[1], even01, low01);
    add_products(even_low[0], even_low[1], even23, low23);
    add_products(odd_high[0], odd_high[1], odd01, high01);
    add_products(odd_high[0], odd_high[1], odd23, high23);
    add_products(odd_low[0], odd_low[1], odd01, low01);
    add_products(odd_low[0], odd_low[1], odd23, low23);
  }
  const VI32 even = total(even_high[0], even_high[1], even_low[0], even_low[1]);
  const VI32 odd = total(odd_high[0], odd_high[1], odd_low[0], odd_low[1]);
  const VI16 even_value = hn::BitCast(kI16, hn::ShiftRight<kWeightBits>(even));
  const VI16 odd_value = hn::BitCast(kI16, hn::ShiftRight<kWeightBits - 16>(odd));
  const VI16 both = hn::OddEven(odd_value, even_value);
  return hn::BitCast(kI32, hn::Min(hn::Max(both, lowest), highest));
}

HWY_INLINE void horizontal_columns(const HorizontalTaps& taps, size_t chunks, const uint8_t* const* rows,
                                   size_t plane_stride, int32_t* const* pairs) {
  const int32_t* weights = taps.weights.data();
  const int32_t* first = taps.first_byte.data();
  const size_t step = chunks * kWeightsPerChunk;
  const VI16 low = hn::Set(kI16, taps.lowest);
  const VI16 high = hn::Set(kI16, taps.highest);
  for (size_t x = 0; x < static_cast<size_t>(taps.outputs); x += 4, first += 4, weights += 4 * step) {
    const VI32 c0 = column(rows, static_cast<size_t>(first[0]), chunks, weights, low, high);
    const VI32 c1 = column(rows, static_cast<size_t>(first[1]), chunks, weights + step, low, high);
    const VI32 c2 = column(rows, static_cast<size_t>(first[2]), chunks, weights + 2 * step, low, high);
    const VI32 c3 = column(rows, static_cast<size_t>(first[3]), chunks, weights + 3 * step, low, high);
    // Transpose 4 x RGB- to planes.
    const VI32 rg02 = hn::InterleaveLower(kI32, c0, c2);
    const VI32 rg13 = hn::InterleaveLower(kI32, c1, c3);
    const VI32 b02 = hn::InterleaveUpper(kI32, c0, c2);
    const VI32 b13 = hn::InterleaveUpper(kI32, c1, c3);
    store_blocks(hn::InterleaveLower(kI32, rg02, rg13), pairs, x);
    store_blocks(hn::InterleaveUpper(kI32, rg02, rg13), pairs, x + plane_stride);
    store_blocks(hn::InterleaveLower(kI32, b02, b13), pairs, x + 2 * plane_stride);
  }
}

void horizontal(const HorizontalTaps& taps, const uint8_t* const* rows, size_t plane_stride, int32_t* const* pairs) {
  const uint8_t* group[kRowsPerGroup];
  std::copy_n(rows, kRowsPerGroup, group);
  int32_t* destinations[kBlocks];
  std::copy_n(pairs, kBlocks, destinations);
  if (taps.chunks == 1) {
    horizontal_columns(taps, 1, group, plane_stride, destinations);
  } else {
    horizontal_columns(taps, static_cast<size_t>(taps.chunks), group, plane_stride, destinations);
  }
}

// kVectors adjacent vectors of output values, 0..255.
template <size_t kVectors>
HWY_INLINE void vertical_values(const VerticalJob& job, size_t lane, VI32 (&values)[kVectors]) {
  VI32 high_even[kVectors];
  VI32 high_odd[kVectors];
  VI32 low_even[kVectors];
  VI32 low_odd[kVectors];
  for (size_t i = 0; i < kVectors; ++i) {
    high_even[i] = high_odd[i] = hn::Zero(kI32);
    start_with_half(low_even[i], low_odd[i]);
  }
  for (int p = 0; p < job.pair_count; ++p) {
    const VI32 high = hn::Set(kI32, job.weights[2 * p]);
    const VI32 low = hn::Set(kI32, job.weights[2 * p + 1]);
    const int32_t* pair = job.pairs[p] + lane;
    for (size_t i = 0; i < kVectors; ++i) {
      const VI16 rows = hn::BitCast(kI16, hn::LoadU(kI32, pair + i * kLanes));
      add_products(high_even[i], high_odd[i], rows, high);
      add_products(low_even[i], low_odd[i], rows, low);
    }
  }
  for (size_t i = 0; i < kVectors; ++i) {
    const VI32 shifted = hn::ShiftRight<kWeightBits>(total(high_even[i], high_odd[i], low_even[i], low_odd[i]));
    values[i] = hn::Min(hn::Max(shifted, hn::Zero(kI32)), hn::Set(kI32, 255));
  }
}

// Runs `finish(vector of values, output pointer)` over a row. The last vector overlaps its neighbour where the
// row is long enough, and goes through a buffer where it is not.
template <typename T, typename Finish>
HWY_INLINE void vertical_plane(const VerticalJob& job, size_t source_plane, T* out, Finish finish) {
  const size_t plane = source_plane * job.plane_stride;
  const size_t width = static_cast<size_t>(job.width);
  constexpr size_t kVectors = 4;
  size_t x = 0;
  for (; x + kVectors * kLanes <= width; x += kVectors * kLanes) {
    VI32 values[kVectors];
    vertical_values<kVectors>(job, plane + x, values);
    for (size_t i = 0; i < kVectors; ++i) finish(values[i], out + x + i * kLanes);
  }
  VI32 value[1];
  for (; x + kLanes <= width; x += kLanes) {
    vertical_values<1>(job, plane + x, value);
    finish(value[0], out + x);
  }
  if (x == width) return;
  if (width >= kLanes) {
    vertical_values<1>(job, plane + width - kLanes, value);
    finish(value[0], out + width - kLanes);
  } else {
    T buffer[kLanes];
    vertical_values<1>(job, plane, value);
    finish(value[0], buffer);
    std::copy_n(buffer, width, out);
  }
}

void vertical_f32(const VerticalJob& job, const float* scale, const float* bias, float* const* out) {
  for (size_t plane = 0; plane < 3; ++plane) {
    const auto scales = hn::Set(kF32, scale[plane]);
    const auto biases = hn::Set(kF32, bias[plane]);
    // Not MulAdd: one rounding where the CPU has FMA and two where it has not would give different results.
    vertical_plane(job, job.source_plane[plane], out[plane], [&](VI32 values, float* to) HWY_ATTR {
      hn::StoreU(hn::Add(hn::Mul(hn::ConvertTo(kF32, values), scales), biases), kF32, to);
    });
  }
}

void vertical_u8(const VerticalJob& job, uint8_t* const* out) {
  const hn::Rebind<uint8_t, decltype(kI32)> narrow;
  for (size_t plane = 0; plane < 3; ++plane) {
    vertical_plane(job, job.source_plane[plane], out[plane],
                   [&](VI32 values, uint8_t* to) HWY_ATTR { hn::StoreU(hn::DemoteTo(narrow, values), narrow, to); });
  }
}

template <typename T>
void interleave(const T* const* planes, int width, T* out) {
  const hn::FixedTag<T, 16 * kBlocks / sizeof(T)> d;
  const size_t count = static_cast<size_t>(width);
  const size_t lanes = 16 * kBlocks / sizeof(T);
  size_t x = 0;
  for (; x + lanes <= count; x += lanes) {
    hn::StoreInterleaved3(hn::LoadU(d, planes[0] + x), hn::LoadU(d, planes[1] + x), hn::LoadU(d, planes[2] + x), d,
                          out + 3 * x);
  }
  for (; x < count; ++x) {
    for (size_t plane = 0; plane < 3; ++plane) out[3 * x + plane] = planes[plane][x];
  }
}

void grey(const uint8_t* const* planes, int width, uint8_t* out) {
  const hn::Rebind<uint8_t, decltype(kI32)> narrow;
  const auto channel = [&](size_t c, size_t x, int32_t weight) HWY_ATTR {
    return hn::Mul(hn::PromoteTo(kI32, hn::LoadU(narrow, planes[c] + x)), hn::Set(kI32, weight));
  };
  const size_t count = static_cast<size_t>(width);
  size_t x = 0;
  for (; x + kLanes <= count; x += kLanes) {
    const VI32 sum = hn::Add(hn::Add(channel(0, x, kRedWeight), channel(1, x, kGreenWeight)),
                             hn::Add(channel(2, x, kBlueWeight), hn::Set(kI32, kGreyHalf)));
    hn::StoreU(hn::DemoteTo(narrow, hn::ShiftRight<16>(sum)), narrow, out + x);
  }
  for (; x < count; ++x) out[x] = grey_of(planes[0][x], planes[1][x], planes[2][x]);
}

void affine(const uint8_t* row, float scale, float bias, int width, float* out) {
  const hn::Rebind<uint8_t, decltype(kI32)> narrow;
  const auto scales = hn::Set(kF32, scale);
  const auto biases = hn::Set(kF32, bias);
  const size_t count = static_cast<size_t>(width);
  size_t x = 0;
  for (; x + kLanes <= count; x += kLanes) {
    const auto values = hn::ConvertTo(kF32, hn::PromoteTo(kI32, hn::LoadU(narrow, row + x)));
    hn::StoreU(hn::Add(hn::Mul(values, scales), biases), kF32, out + x);  // two roundings, as vertical_f32
  }
  for (; x < count; ++x) {
    const float product = static_cast<float>(row[x]) * scale;
    out[x] = product + bias;
  }
}

// In integers, so that every target gives the same bits. Subnormal halves come from the float adder: what is added
// has the half's last bit as its own, so that the adder rounds as is wanted.
void half(const float* values, size_t count, uint16_t* out) {
  using DU32 = hn::FixedTag<uint32_t, 4 * kBlocks>;
  const DU32 du;
  const hn::Rebind<uint16_t, DU32> narrow;
  const auto sign_bit = hn::Set(du, 0x80000000u);
  const auto magic = hn::Set(du, 0x3f000000u);  // 0.5f: ulp 2^-24, as a subnormal half's
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const auto bits = hn::BitCast(du, hn::LoadU(kF32, values + i));
    const auto sign = hn::And(bits, sign_bit);
    const auto magnitude = hn::Xor(bits, sign);
    const auto odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(du, 1));
    // Rebias the exponent by 15 - 127, and round: half of the last place, less one unless it is odd.
    const auto rebiased = hn::Add(hn::Add(magnitude, hn::Set(du, 0xc8000fffu)), odd);
    const auto normal = hn::ShiftRight<13>(rebiased);
    const auto added = hn::Add(hn::BitCast(kF32, magnitude), hn::BitCast(kF32, magic));
    const auto subnormal = hn::Sub(hn::BitCast(du, added), magic);
    const auto beyond =
        hn::IfThenElse(hn::Gt(magnitude, hn::Set(du, 0x7f800000u)), hn::Set(du, 0x7e00), hn::Set(du, 0x7c00));
    auto result = hn::IfThenElse(hn::Lt(magnitude, hn::Set(du, 0x38800000u)), subnormal, normal);
    result = hn::IfThenElse(hn::Gt(magnitude, hn::Set(du, 0x477fffffu)), beyond, result);
    const auto signed_result = hn::Or(result, hn::ShiftRight<16>(sign));
    hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(kI32, signed_result)), narrow, out + i);
  }
  for (; i < count; ++i) out[i] = half_from_float(values[i]);
}

#endif  // HWY_TARGET == HWY_SCALAR

const ResampleKernels& kernels() {
  static constexpr ResampleKernels kKernels{
      HWY_STR(HWY_NAMESPACE), kRowsPerGroup,       horizontal, vertical_f32, vertical_u8,
      interleave<float>,      interleave<uint8_t>, grey,       affine,       half};
  return kKernels;
}

}  // namespace HWY_NAMESPACE
}  // namespace smol
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace smol {

HWY_EXPORT(kernels);

const ResampleKernels& resample_kernels() { return HWY_DYNAMIC_DISPATCH(kernels)(); }

}  // namespace smol
#endif  // HWY_ONCE
