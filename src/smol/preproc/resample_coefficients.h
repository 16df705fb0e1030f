// Filter weights of a separable resize, along one axis.
//
// antialias: the definition of Pillow's Image.resize, which torchvision's antialiased resize shares: the filter is
// stretched by the scale when shrinking, sampled at pixel centres, cut at the picture's border and normalised.
// Bicubic has a = -0.5.
// Area is Pillow's BOX.
// Without, and with OpenCV's INTER_LINEAR and INTER_CUBIC: torch.nn.functional.interpolate(align_corners=False): two
// taps (bilinear) or four (bicubic, a = -0.75) at the source position, whatever the scale; taps beyond the border
// repeat the border pixel. Nearest is the pixel under the output pixel's centre (Pillow) or corner (OpenCV); OpenCV's
// area weighs pixels by what they share with the output pixel when both sides shrink, else it is the bilinear of that
// name.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smol/preproc/graph.h"

namespace smol {

// `output` pixels are sampled evenly from [box_begin, box_end) of an axis of `input` pixels. The box is the whole
// axis for a fully decoded picture and fractional for a scaled decode (Pillow: resize(box=...)).
struct AxisSampling {
  int64_t input = 0;
  double box_begin = 0;
  double box_end = 0;
  int64_t output = 0;
  ResizeFilter filter = ResizeFilter::kBilinear;
  bool antialias = true;
  ResizeConvention convention = ResizeConvention::kPillow;
  bool both_shrink = true;  // no side of the picture grows
  bool operator==(const AxisSampling&) const = default;
};

// Input pixels [first, first + count) that an output pixel reads; count >= 1.
struct TapRange {
  int64_t first = 0;
  int count = 0;
  int64_t end() const { return first + count; }
  bool operator==(const TapRange&) const = default;
};

TapRange tap_range(const AxisSampling& axis, int64_t output);

// Weights of a run of outputs. Reusable: compute() keeps the memory.
class ResampleCoefficients {
 public:
  // Of the outputs [first_output, first_output + count).
  void compute(const AxisSampling& axis, int64_t first_output, int count);

  int outputs() const { return static_cast<int>(ranges_.size()); }
  TapRange range(int i) const { return ranges_[static_cast<size_t>(i)]; }
  std::span<const double> weights(int i) const {
    return all_weights().subspan(start(i), static_cast<size_t>(range(i).count));
  }

  // Of all outputs, one after the other; those of output i begin at start(i).
  std::span<const double> all_weights() const { return weights_; }
  size_t start(int i) const { return starts_[static_cast<size_t>(i)]; }

 private:
  std::vector<TapRange> ranges_;
  std::vector<size_t> starts_;
  std::vector<double> weights_;
};

// Weights of the u8 path: 22 fraction bits, rounded half away from zero, as Pillow's.
inline constexpr int kWeightBits = 22;
inline int32_t fixed_point_weight(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace smol
