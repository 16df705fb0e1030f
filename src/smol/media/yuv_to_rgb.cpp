#include "smol/media/yuv_to_rgb.h"

#include <algorithm>
#include <cmath>

#include "smol/base/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "smol/media/yuv_to_rgb.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#ifndef SMOL_MEDIA_YUV_TO_RGB_ONCE
#define SMOL_MEDIA_YUV_TO_RGB_ONCE
namespace smol {

// Factors for "high half of the doubled product, rounded" (a * b + 2^14) >> 15: of luma shifted left by 7 and chroma
// shifted left by 8, so that all terms are the value times 32.
struct YuvFactors {
  int16_t luma_offset;
  int16_t luma;
  int16_t red_of_red;
  int16_t green_of_blue;
  int16_t green_of_red;
  int16_t blue_of_blue;
};

constexpr int kLumaShift = 7;
constexpr int kChromaShift = 8;
constexpr int kResultShift = 5;

inline int32_t rounded_product(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

}  // namespace smol
#endif

HWY_BEFORE_NAMESPACE();
namespace smol {
namespace HWY_NAMESPACE {

// As many pixels as fit in whole vectors; returns their number.
int convert_row(const YuvFactors& factors, int chroma_shift, const uint8_t* luma, const uint8_t* blue,
                const uint8_t* red, int width, uint8_t* rgb) {
#if HWY_TARGET == HWY_SCALAR
  (void)factors, (void)chroma_shift, (void)luma, (void)blue, (void)red, (void)width, (void)rgb;
  return 0;
#else
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<uint8_t> d8;
  const hn::Half<decltype(d8)> d8_half;
  const hn::RebindToSigned<hn::RepartitionToWide<decltype(d8)> > d16;
  const hn::RepartitionToWide<decltype(d8)> d16_unsigned;
  const auto lanes = static_cast<int>(hn::Lanes(d8));

  const auto luma_offset = hn::Set(d16, factors.luma_offset);
  const auto chroma_offset = hn::Set(d16, int16_t{128});
  const auto half = hn::Set(d16, int16_t{1 << (kResultShift - 1)});
  const auto luma_factor = hn::Set(d16, factors.luma);
  const auto red_of_red = hn::Set(d16, factors.red_of_red);
  const auto green_of_blue = hn::Set(d16, factors.green_of_blue);
  const auto green_of_red = hn::Set(d16, factors.green_of_red);
  const auto blue_of_blue = hn::Set(d16, factors.blue_of_blue);

  const auto load_chroma = [&](const uint8_t* row, int x) HWY_ATTR {
    if (chroma_shift == 0) return hn::LoadU(d8, row + x);
    const auto wide = hn::PromoteTo(d16_unsigned, hn::LoadU(d8_half, row + x / 2));
    return hn::BitCast(d8, hn::Or(wide, hn::ShiftLeft<8>(wide)));
  };

  int x = 0;
  for (; x + lanes <= width; x += lanes) {
    const auto y8 = hn::LoadU(d8, luma + x);
    const auto u8 = load_chroma(blue, x);
    const auto v8 = load_chroma(red, x);
    const auto convert = [&](auto y_half, auto u_half, auto v_half, auto& r, auto& g, auto& b) HWY_ATTR {
      const auto y16 = hn::ShiftLeft<kLumaShift>(hn::Sub(hn::PromoteTo(d16, y_half), luma_offset));
      const auto u16 = hn::ShiftLeft<kChromaShift>(hn::Sub(hn::PromoteTo(d16, u_half), chroma_offset));
      const auto v16 = hn::ShiftLeft<kChromaShift>(hn::Sub(hn::PromoteTo(d16, v_half), chroma_offset));
      const auto base = hn::Add(hn::MulFixedPoint15(y16, luma_factor), half);
      const auto red_sum = hn::Add(base, hn::MulFixedPoint15(v16, red_of_red));
      const auto green_sum =
          hn::Sub(hn::Sub(base, hn::MulFixedPoint15(u16, green_of_blue)), hn::MulFixedPoint15(v16, green_of_red));
      const auto blue_sum = hn::Add(base, hn::MulFixedPoint15(u16, blue_of_blue));
      r = hn::DemoteTo(d8_half, hn::ShiftRight<kResultShift>(red_sum));
      g = hn::DemoteTo(d8_half, hn::ShiftRight<kResultShift>(green_sum));
      b = hn::DemoteTo(d8_half, hn::ShiftRight<kResultShift>(blue_sum));
    };
    hn::Vec<decltype(d8_half)> r_low, g_low, b_low, r_high, g_high, b_high;
    convert(hn::LowerHalf(d8_half, y8), hn::LowerHalf(d8_half, u8), hn::LowerHalf(d8_half, v8), r_low, g_low, b_low);
    convert(hn::UpperHalf(d8_half, y8), hn::UpperHalf(d8_half, u8), hn::UpperHalf(d8_half, v8), r_high, g_high,
            b_high);
    hn::StoreInterleaved3(hn::Combine(d8, r_high, r_low), hn::Combine(d8, g_high, g_low),
                          hn::Combine(d8, b_high, b_low), d8, rgb + ptrdiff_t{x} * 3);
  }
  return x;
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace smol
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace smol {
namespace {

HWY_EXPORT(convert_row);

int16_t factor(double value) { return static_cast<int16_t>(std::lround(value)); }

YuvFactors make_factors(YuvMatrix matrix, bool full_range) {
  double red_weight = 0.299;  // of luma: Kr and Kb of the standard
  double blue_weight = 0.114;
  if (matrix == YuvMatrix::kBt709) red_weight = 0.2126, blue_weight = 0.0722;
  if (matrix == YuvMatrix::kBt2020) red_weight = 0.2627, blue_weight = 0.0593;
  const double green_weight = 1 - red_weight - blue_weight;
  const double luma = full_range ? 1 : 255.0 / 219;
  const double chroma = full_range ? 1 : 255.0 / 224;
  const double luma_unit = 1 << (15 + kResultShift - kLumaShift);
  const double chroma_unit = 1 << (15 + kResultShift - kChromaShift);
  return {
      static_cast<int16_t>(full_range ? 0 : 16),
      factor(luma * luma_unit),
      factor(2 * (1 - red_weight) * chroma * chroma_unit),
      factor(2 * blue_weight * (1 - blue_weight) / green_weight * chroma * chroma_unit),
      factor(2 * red_weight * (1 - red_weight) / green_weight * chroma * chroma_unit),
      factor(2 * (1 - blue_weight) * chroma * chroma_unit),
  };
}

const YuvFactors& factors_of(const YuvLayout& layout) {
  static const YuvFactors kFactors[3][2] = {
      {make_factors(YuvMatrix::kBt601, false), make_factors(YuvMatrix::kBt601, true)},
      {make_factors(YuvMatrix::kBt709, false), make_factors(YuvMatrix::kBt709, true)},
      {make_factors(YuvMatrix::kBt2020, false), make_factors(YuvMatrix::kBt2020, true)}};
  return kFactors[static_cast<size_t>(layout.matrix)][layout.full_range ? 1 : 0];
}

uint8_t level(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kResultShift, 0, 255)); }

}  // namespace

void yuv_row_to_rgb_plain(const YuvLayout& layout, const uint8_t* luma, const uint8_t* blue, const uint8_t* red,
                          int width, uint8_t* rgb) {
  const YuvFactors& f = factors_of(layout);
  for (int x = 0; x < width; ++x, rgb += 3) {
    const int32_t y = (luma[x] - f.luma_offset) * (1 << kLumaShift);
    const int32_t u = (blue[x >> layout.chroma_shift_x] - 128) * (1 << kChromaShift);
    const int32_t v = (red[x >> layout.chroma_shift_x] - 128) * (1 << kChromaShift);
    const int32_t base = rounded_product(y, f.luma) + (1 << (kResultShift - 1));
    rgb[0] = level(base + rounded_product(v, f.red_of_red));
    rgb[1] = level(base - rounded_product(u, f.green_of_blue) - rounded_product(v, f.green_of_red));
    rgb[2] = level(base + rounded_product(u, f.blue_of_blue));
  }
}

void yuv_row_to_rgb(const YuvLayout& layout, const uint8_t* luma, const uint8_t* blue, const uint8_t* red, int width,
                    uint8_t* rgb) {
  const int done =
      HWY_DYNAMIC_DISPATCH(convert_row)(factors_of(layout), layout.chroma_shift_x, luma, blue, red, width, rgb);
  const int chroma_done = done >> layout.chroma_shift_x;
  yuv_row_to_rgb_plain(layout, luma + done, blue + chroma_done, red + chroma_done, width - done,
                       rgb + ptrdiff_t{done} * 3);
}

void yuv_to_rgb(const YuvPlanes& planes, const Rect& part, uint8_t* rgb, ptrdiff_t rgb_stride_bytes) {
  const YuvLayout& layout = planes.layout;
  for (int y = part.top; y < part.bottom; ++y, rgb += rgb_stride_bytes) {
    const int chroma_row = y >> layout.chroma_shift_y;
    const int chroma_column = part.left >> layout.chroma_shift_x;
    yuv_row_to_rgb(layout, planes.data[0] + y * planes.stride_bytes[0] + part.left,
                   planes.data[1] + chroma_row * planes.stride_bytes[1] + chroma_column,
                   planes.data[2] + chroma_row * planes.stride_bytes[2] + chroma_column, part.width(), rgb);
  }
}

}  // namespace smol
#endif
