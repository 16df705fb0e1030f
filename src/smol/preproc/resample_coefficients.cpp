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

double scale_of(const AxisSampling& axis) {
  return (axis.box_end - axis.box_begin) / static_cast<double>(axis.output);
}

double stretch_of(const AxisSampling& axis) { return std::max(scale_of(axis), 1.0); }

double center_of(const AxisSampling& axis, int64_t output) {
  return axis.box_begin + (static_cast<double>(output) + 0.5) * scale_of(axis);
}

TapRange antialiased_range(const AxisSampling& axis, int64_t output) {
  const double center = center_of(axis, output);
  const double support = radius(axis.filter) * stretch_of(axis);
  const int64_t first = std::max(static_cast<int64_t>(center - support + 0.5), int64_t{0});
  const int64_t end = std::min(static_cast<int64_t>(center + support + 0.5), axis.input);
  return {first, static_cast<int>(end - first)};
}

void antialiased_weights(const AxisSampling& axis, int64_t output, TapRange taps, double* weights) {
  const double center = center_of(axis, output);
  const double inverse_stretch = 1.0 / stretch_of(axis);
  double sum = 0.0;
  for (int i = 0; i < taps.count; ++i) {
    const double x = (static_cast<double>(i + taps.first) - center + 0.5) * inverse_stretch;
    weights[i] = axis.filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x, kPillowCubic);
    sum += weights[i];
  }
  if (sum == 0.0) return;
  for (int i = 0; i < taps.count; ++i) weights[i] /= sum;
}

// First of the 2 or 4 taps around the sampling position, before they are clamped into the picture.
int64_t unclamped_first(const AxisSampling& axis, int64_t output) {
  const double position = center_of(axis, output) - 0.5;
  return static_cast<int64_t>(std::floor(position)) + 1 - static_cast<int64_t>(radius(axis.filter));
}

TapRange plain_range(const AxisSampling& axis, int64_t output) {
  const int64_t unclamped = unclamped_first(axis, output);
  const int64_t last = unclamped + 2 * static_cast<int64_t>(radius(axis.filter)) - 1;
  const int64_t first = std::clamp<int64_t>(unclamped, 0, axis.input - 1);
  return {first, static_cast<int>(std::clamp<int64_t>(last, 0, axis.input - 1) - first + 1)};
}

void plain_weights(const AxisSampling& axis, int64_t output, TapRange taps, double* weights) {
  const double position = center_of(axis, output) - 0.5;
  const int64_t unclamped = unclamped_first(axis, output);
  std::fill_n(weights, taps.count, 0.0);
  for (int64_t tap = unclamped; tap < unclamped + 2 * static_cast<int64_t>(radius(axis.filter)); ++tap) {
    const double x = static_cast<double>(tap) - position;
    const int64_t pixel = std::clamp<int64_t>(tap, 0, axis.input - 1);
    weights[pixel - taps.first] += axis.filter == ResizeFilter::kBilinear ? triangle(x) : cubic(x, kTorchCubic);
  }
}

}  // namespace

TapRange tap_range(const AxisSampling& axis, int64_t output) {
  return axis.antialias ? antialiased_range(axis, output) : plain_range(axis, output);
}

void ResampleCoefficients::compute(const AxisSampling& axis, int64_t first_output, int count) {
  ranges_.clear();
  starts_.clear();
  size_t total = 0;
  for (int i = 0; i < count; ++i) {
    ranges_.push_back(tap_range(axis, first_output + i));
    starts_.push_back(total);
    total += static_cast<size_t>(ranges_.back().count);
  }
  weights_.resize(total);
  for (int i = 0; i < count; ++i) {
    const size_t n = static_cast<size_t>(i);
    const auto fill = axis.antialias ? antialiased_weights : plain_weights;
    fill(axis, first_output + i, ranges_[n], weights_.data() + starts_[n]);
  }
}

}  // namespace smol
