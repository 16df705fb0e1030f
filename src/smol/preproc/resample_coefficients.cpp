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

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

constexpr double kPillowCubic = -0.5;
constexpr double kTorchCubic = -0.75;

double radius(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::kArea: return 0.5;
    case ResizeFilter::kBicubic: return 2.0;
    case ResizeFilter::kBilinear:
    case ResizeFilter::kNearest: break;
  }
  return 1.0;
}

double antialiased_weight(ResizeFilter filter, double x) {
  if (filter == ResizeFilter::kArea) return box(x);
  return filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x, kPillowCubic);
}

enum class Method : uint8_t { kAntialiased, kPlain, kNearest, kSharedArea, kGrowingArea };

Method method(const AxisSampling& axis) {
  const bool opencv = axis.convention == ResizeConvention::kOpenCv;
  if (axis.filter == ResizeFilter::kNearest) return Method::kNearest;
  if (axis.filter == ResizeFilter::kArea && opencv) {
    return axis.both_shrink ? Method::kSharedArea : Method::kGrowingArea;
  }
  return axis.antialias && !opencv ? Method::kAntialiased : Method::kPlain;
}

// What all outputs of an axis share. Computed once: the divisions would otherwise dominate the tables' cost.
class Sampler {
 public:
  explicit Sampler(const AxisSampling& axis)
      : axis_(axis),
        method_(method(axis)),
        scale_((axis.box_end - axis.box_begin) / static_cast<double>(axis.output)),
        stretch_(std::max(scale_, 1.0)),
        inverse_stretch_(1.0 / stretch_) {}

  TapRange range(int64_t output) const {
    switch (method_) {
      case Method::kAntialiased: return antialiased_range(output);
      case Method::kPlain: return plain_range(output);
      case Method::kNearest: return {nearest(output), 1};
      case Method::kSharedArea: return shared_range(output);
      case Method::kGrowingArea: break;
    }
    return growing_range(output);
  }

  void weights(int64_t output, TapRange taps, double* weights) const {
    switch (method_) {
      case Method::kAntialiased: return antialiased_weights(output, taps, weights);
      case Method::kPlain: return plain_weights(output, taps, weights);
      case Method::kNearest: *weights = 1.0; return;
      case Method::kSharedArea: return shared_weights(output, taps, weights);
      case Method::kGrowingArea: return growing_weights(output, taps, weights);
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
      weights[i] = antialiased_weight(axis_.filter, x);
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

  // Where output pixel `output` begins.
  double corner(int64_t output) const { return axis_.box_begin + static_cast<double>(output) * scale_; }

  int64_t nearest(int64_t output) const {
    const bool opencv = axis_.convention == ResizeConvention::kOpenCv;
    return clamped(static_cast<int64_t>(std::floor(opencv ? corner(output) : center(output))));
  }

  // Less of a pixel than this is rounding, as OpenCV has it; but one tap is always kept.
  static constexpr double kLeastShare = 1e-6;
  double share(int64_t output, int64_t tap) const {
    const double begin = std::max(corner(output), static_cast<double>(tap));
    return std::min(std::min(corner(output) + scale_, axis_.box_end), static_cast<double>(tap + 1)) - begin;
  }
  TapRange shared_range(int64_t output) const {
    int64_t first = clamped(static_cast<int64_t>(corner(output)));
    int64_t last = clamped(static_cast<int64_t>(std::min(corner(output) + scale_, axis_.box_end)));
    while (first < last && share(output, first) <= kLeastShare) ++first;
    while (first < last && share(output, last) <= kLeastShare) --last;
    return {first, static_cast<int>(last - first + 1)};
  }
  void shared_weights(int64_t output, TapRange taps, double* weights) const {
    double sum = 0.0;
    for (int i = 0; i < taps.count; ++i) sum += weights[i] = std::max(0.0, share(output, taps.first + i));
    for (int i = 0; i < taps.count; ++i) weights[i] = sum > 0.0 ? weights[i] / sum : 1.0 / taps.count;
  }

  TapRange growing_range(int64_t output) const {
    const auto unclamped = static_cast<int64_t>(std::floor(corner(output)));
    const int64_t first = clamped(unclamped);
    return {first, static_cast<int>(clamped(unclamped + 1) - first + 1)};
  }
  // How far the output pixel reaches into the second tap, in output pixels.
  void growing_weights(int64_t output, TapRange taps, double* weights) const {
    const double next = std::floor(corner(output)) + 1.0 - axis_.box_begin;
    double second = static_cast<double>(output + 1) - next / scale_;
    second = second <= 0 ? 0 : second - std::floor(second);
    weights[0] = taps.count == 1 ? 1.0 : 1.0 - second;
    if (taps.count == 2) weights[1] = second;
  }

  AxisSampling axis_;
  Method method_;
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
