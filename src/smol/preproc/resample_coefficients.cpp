#include "smol/preproc/resample_coefficients.h"

#include <algorithm>
#include <cmath>

namespace smol {
namespace {

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic convolution kernel. The grouping of the operations matters: it gives Pillow's bits for a = -0.5.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

constexpr double kPillowCubic = -0.5;
constexpr double kTorchCubic = -0.75;

double radius(ResizeFilter filter) { return filter == ResizeFilter::kBilinear ? 1.0 : 2.0; }

// What all outputs of an axis share. Computed once: the divisions would otherwise dominate the tables' cost.
class Sampler {
 public:
  explicit Sampler(const AxisSampling& axis)
      : axis_(axis),
        scale_((axis.box_end - axis.box_begin) / static_cast<double>(axis.output)),
        stretch_(std::max(scale_, 1.0)),
        inverse_stretch_(1.0 / stretch_) {}

  TapRange range(int64_t output) const { return axis_.antialias ? antialiased_range(output) : plain_range(output); }

  void weights(int64_t output, TapRange taps, double* weights) const {
    if (axis_.antialias) {
      antialiased_weights(output, taps, weights);
    } else {
      plain_weights(output, taps, weights);
    }
  }

 private:
  double center(int64_t output) const { return axis_.box_begin + (static_cast<double>(output) + 0.5) * scale_; }

  TapRange antialiased_range(int64_t output) const {
    const double support = radius(axis_.filter) * stretch_;
    const int64_t first = std::max(static_cast<int64_t>(center(output) - support + 0.5), int64_t{0});
    const int64_t end = std::min(static_cast<int64_t>(center(output) + support + 0.5), axis_.input);
    return {first, static_cast<int>(end - first)};
  }

  void antialiased_weights(int64_t output, TapRange taps, double* weights) const {
    const double middle = center(output);
    double sum = 0.0;
    for (int i = 0; i < taps.count; ++i) {
      const double x = (static_cast<double>(i + taps.first) - middle + 0.5) * inverse_stretch_;
      weights[i] = axis_.filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x, kPillowCubic);
      sum += weights[i];
    }
    if (sum == 0.0) return;
    for (int i = 0; i < taps.count; ++i) weights[i] /= sum;
  }

  // First of the 2 or 4 taps around the sampling position, before they are clamped into the picture.
  int64_t unclamped_first(int64_t output) const {
    return static_cast<int64_t>(std::floor(center(output) - 0.5)) + 1 - static_cast<int64_t>(radius(axis_.filter));
  }
  int64_t plain_taps() const { return 2 * static_cast<int64_t>(radius(axis_.filter)); }
  int64_t clamped(int64_t tap) const { return std::clamp<int64_t>(tap, 0, axis_.input - 1); }

  TapRange plain_range(int64_t output) const {
    const int64_t unclamped = unclamped_first(output);
    const int64_t first = clamped(unclamped);
    return {first, static_cast<int>(clamped(unclamped + plain_taps() - 1) - first + 1)};
  }

  void plain_weights(int64_t output, TapRange taps, double* weights) const {
    const double position = center(output) - 0.5;
    const int64_t unclamped = unclamped_first(output);
    std::fill_n(weights, taps.count, 0.0);
    for (int64_t tap = unclamped; tap < unclamped + plain_taps(); ++tap) {
      const double x = static_cast<double>(tap) - position;
      const double weight = axis_.filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x, kTorchCubic);
      weights[clamped(tap) - taps.first] += weight;
    }
  }

  AxisSampling axis_;
  double scale_;
  double stretch_;
  double inverse_stretch_;
};

}  // namespace

TapRange tap_range(const AxisSampling& axis, int64_t output) { return Sampler(axis).range(output); }

void ResampleCoefficients::compute(const AxisSampling& axis, int64_t first_output, int count) {
  const Sampler sampler(axis);
  ranges_.clear();
  starts_.clear();
  size_t total = 0;
  for (int i = 0; i < count; ++i) {
    ranges_.push_back(sampler.range(first_output + i));
    starts_.push_back(total);
    total += static_cast<size_t>(ranges_.back().count);
  }
  weights_.resize(total);
  for (int i = 0; i < count; ++i) {
    const size_t n = static_cast<size_t>(i);
    sampler.weights(first_output + i, ranges_[n], weights_.data() + starts_[n]);
  }
}

}  // namespace smol
