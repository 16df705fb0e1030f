#include "smol/preproc/reference_resize.h"

#include <algorithm>
#include <cmath>

#include "smol/preproc/resample_coefficients.h"

namespace smol {
namespace {

using Tap = ReferenceTap;
using Taps = ReferenceTaps;

int64_t clamped(int64_t pixel, int64_t input) { return std::clamp<int64_t>(pixel, 0, input - 1); }

// Pillow's NEAREST: the pixel that the output pixel's centre falls on. OpenCV's: its corner.
Taps nearest(int64_t output, double scale, int64_t input, ResizeConvention convention) {
  const double corner = convention == ResizeConvention::kPillow ? 0.5 : 0.0;
  const double position = (static_cast<double>(output) + corner) * scale;
  return {{clamped(static_cast<int64_t>(std::floor(position)), input), 1.0}};
}

// Pillow's BOX: the mean of the pixels whose centres fall into the output pixel; the nearest one when growing.
Taps box(int64_t output, double scale, int64_t input) {
  const double centre = (static_cast<double>(output) + 0.5) * scale;
  const double support = 0.5 * std::max(scale, 1.0);
  const int64_t first = std::max<int64_t>(static_cast<int64_t>(centre - support + 0.5), 0);
  const int64_t end = std::min<int64_t>(static_cast<int64_t>(centre + support + 0.5), input);
  Taps taps;
  for (int64_t pixel = first; pixel < end; ++pixel) {
    const double x = (static_cast<double>(pixel) - centre + 0.5) / std::max(scale, 1.0);
    if (x > -0.5 && x <= 0.5) taps.push_back({pixel, 1.0});
  }
  for (Tap& tap : taps) tap.weight = 1.0 / static_cast<double>(taps.size());
  return taps;
}

// INTER_AREA when both sides shrink: each pixel weighs what it shares with the output pixel.
Taps shared_area(int64_t output, double scale, int64_t input) {
  const double begin = static_cast<double>(output) * scale;
  const double end = std::min(begin + scale, static_cast<double>(input));
  Taps taps;
  for (int64_t pixel = static_cast<int64_t>(begin); pixel < input && static_cast<double>(pixel) < end; ++pixel) {
    const double shared = std::min(end, static_cast<double>(pixel + 1)) - std::max(begin, static_cast<double>(pixel));
    if (shared > 1e-6) taps.push_back({pixel, shared / (end - begin)});
  }
  return taps;
}

// INTER_AREA otherwise: two taps, whose weights follow how far the output pixel reaches into the second.
Taps area_growing(int64_t output, double scale, int64_t input) {
  const auto first = static_cast<int64_t>(std::floor(static_cast<double>(output) * scale));
  double weight = static_cast<double>(output + 1) - static_cast<double>(first + 1) / scale;
  weight = weight <= 0 ? 0 : weight - std::floor(weight);
  return {{clamped(first, input), 1 - weight}, {clamped(first + 1, input), weight}};
}

// INTER_LINEAR and INTER_CUBIC: what torch's interpolate does without antialiasing.
Taps plain(int64_t output, double scale, int64_t input, ResizeFilter filter) {
  const double position = (static_cast<double>(output) + 0.5) * scale - 0.5;
  const auto before = static_cast<int64_t>(std::floor(position));
  const double f = position - static_cast<double>(before);
  Taps taps;
  if (filter == ResizeFilter::kBilinear) {
    taps = {{before, 1 - f}, {before + 1, f}};
  } else {
    constexpr double kA = -0.75;
    const auto near = [](double x) { return ((kA + 2) * x - (kA + 3)) * x * x + 1; };
    const auto far = [](double x) { return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA; };
    taps = {{before - 1, far(f + 1)}, {before, near(f)}, {before + 1, near(1 - f)}, {before + 2, far(2 - f)}};
  }
  for (Tap& tap : taps) tap.pixel = clamped(tap.pixel, input);
  return taps;
}

std::vector<Taps> antialiased(int64_t input, int64_t output, const ResizeOp& op) {
  ResampleCoefficients coefficients;
  coefficients.compute({input, 0.0, static_cast<double>(input), output, op.filter, op.antialias}, 0,
                       static_cast<int>(output));
  std::vector<Taps> all(static_cast<size_t>(output));
  for (int i = 0; i < static_cast<int>(output); ++i) {
    const TapRange range = coefficients.range(i);
    for (int t = 0; t < range.count; ++t) {
      all[static_cast<size_t>(i)].push_back({range.first + t, coefficients.weights(i)[static_cast<size_t>(t)]});
    }
  }
  return all;
}

ReferencePicture resample_width(const ReferencePicture& in, const std::vector<Taps>& taps) {
  ReferencePicture out(in.height, static_cast<int64_t>(taps.size()), in.channels);
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      for (int64_t c = 0; c < out.channels; ++c) {
        double sum = 0;
        for (const Tap& tap : taps[static_cast<size_t>(x)]) sum += tap.weight * in.at(y, tap.pixel, c);
        out.at(y, x, c) = static_cast<float>(sum);
      }
    }
  }
  return out;
}

ReferencePicture transposed(const ReferencePicture& in) {
  ReferencePicture out(in.width, in.height, in.channels);
  for (int64_t y = 0; y < in.height; ++y) {
    for (int64_t x = 0; x < in.width; ++x) {
      for (int64_t c = 0; c < in.channels; ++c) out.at(x, y, c) = in.at(y, x, c);
    }
  }
  return out;
}

void clamp_to_u8_range(ReferencePicture& picture) {
  for (float& value : picture.values) value = std::clamp(value, 0.0f, 255.0f);
}

}  // namespace

std::vector<ReferenceTaps> reference_taps(int64_t input, int64_t output, const ResizeOp& op, bool both_shrink) {
  const bool opencv = op.convention == ResizeConvention::kOpenCv;
  const bool smooth = op.filter == ResizeFilter::kBilinear || op.filter == ResizeFilter::kBicubic;
  if (smooth && !opencv) return antialiased(input, output, op);
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  std::vector<Taps> all;
  for (int64_t i = 0; i < output; ++i) {
    if (op.filter == ResizeFilter::kNearest) {
      all.push_back(nearest(i, scale, input, op.convention));
    } else if (smooth) {
      all.push_back(plain(i, scale, input, op.filter));
    } else if (!opencv) {
      all.push_back(box(i, scale, input));
    } else {
      all.push_back(both_shrink ? shared_area(i, scale, input) : area_growing(i, scale, input));
    }
  }
  return all;
}

ReferencePicture reference_resize(const ReferencePicture& in, const ResizeOp& op, bool is_u8) {
  const LargeSize size = resized_size(op, {in.height, in.width});
  const bool both_shrink = size.height <= in.height && size.width <= in.width;
  ReferencePicture out = resample_width(in, reference_taps(in.width, size.width, op, both_shrink));
  if (is_u8 && op.convention == ResizeConvention::kPillow) clamp_to_u8_range(out);
  out = transposed(resample_width(transposed(out), reference_taps(in.height, size.height, op, both_shrink)));
  if (is_u8) clamp_to_u8_range(out);
  return out;
}

}  // namespace smol
