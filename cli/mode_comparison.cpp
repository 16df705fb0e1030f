#include "mode_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "smol/base/clock.h"

namespace smol::cli {
namespace {

constexpr int64_t kBudgetNs = 1'000'000'000;
constexpr int kLeastRounds = 2;

// The part of one axis of the full picture that an output pixel stands for: [begin, end), clipped to the picture.
struct Span {
  double begin;
  double end;
};

Span span_of(int output, double first, double step, int full) {
  const double begin = std::min(first + output * step, static_cast<double>(full - 1));
  return {begin, std::min(first + (output + 1) * step, static_cast<double>(full))};
}

// The share of full pixel `i` in the span.
double overlap(const Span& span, int i) { return std::min(span.end, i + 1.0) - std::max(span.begin, double(i)); }

int last_of(const Span& span) { return std::max(static_cast<int>(std::ceil(span.end)) - 1, int(span.begin)); }

// One row of the mode's size: the mean of the full pixels that each output pixel stands for.
void reduce_row(ConstImageView full, const Span& rows, double left, double step, std::vector<double>& column_sums,
                std::vector<double>& out) {
  std::fill(column_sums.begin(), column_sums.end(), 0.0);
  for (int y = static_cast<int>(rows.begin); y <= last_of(rows); ++y) {
    const double weight = overlap(rows, y) / (rows.end - rows.begin);
    const uint8_t* row = full.row(y);
    for (size_t i = 0; i < column_sums.size(); ++i) column_sums[i] += weight * row[i];
  }
  std::fill(out.begin(), out.end(), 0.0);
  for (size_t x = 0; x < out.size() / 3; ++x) {
    const Span columns = span_of(static_cast<int>(x), left, step, full.size.width);
    for (int i = static_cast<int>(columns.begin); i <= last_of(columns); ++i) {
      const double weight = overlap(columns, i) / (columns.end - columns.begin);
      for (size_t c = 0; c < 3; ++c) out[x * 3 + c] += weight * column_sums[static_cast<size_t>(i) * 3 + c];
    }
  }
}

double psnr_db(ConstImageView full, ConstImageView decoded, const DecodedGeometry& geometry) {
  // A thumbnail is a picture of its own, which stands for the whole of the full one.
  const double to_full_y = double(full.size.height) / geometry.full.height;
  const double to_full_x = double(full.size.width) / geometry.full.width;
  const double step_y = geometry.scale_denominator * to_full_y;
  const double step_x = geometry.scale_denominator * to_full_x;
  std::vector<double> sums(static_cast<size_t>(full.size.width) * 3);
  std::vector<double> expected(static_cast<size_t>(decoded.size.width) * 3);
  double squares = 0;
  for (int y = 0; y < decoded.size.height; ++y) {
    const Span rows = span_of(y, geometry.covers.top * to_full_y, step_y, full.size.height);
    reduce_row(full, rows, geometry.covers.left * to_full_x, step_x, sums, expected);
    const uint8_t* row = decoded.row(y);
    for (size_t i = 0; i < expected.size(); ++i) squares += (row[i] - expected[i]) * (row[i] - expected[i]);
  }
  const double mean = squares / (static_cast<double>(decoded.size.pixels()) * 3);
  return mean < 1e-12 ? std::numeric_limits<double>::infinity() : 10 * std::log10(255.0 * 255.0 / mean);
}

DecodeSpec centre_half(Size size) {
  const Rect rect{size.height / 4, size.width / 4, size.height - size.height / 4, size.width - size.width / 4};
  return {.region = rect};
}

DecodeSpec upper_half(Size size) { return {.region = Rect{0, 0, std::max(1, size.height / 2), size.width}}; }

}  // namespace

Result<std::vector<MeasuredMode>> compare_modes(Decoder& decoder, std::span<const std::byte> bytes,
                                                std::span<const DecodeMode> modes, const DecodeLimits& limits) {
  std::vector<DecodeSpec> specs;
  std::vector<MeasuredMode> measured;
  const auto add = [&](const std::string& name, const DecodeSpec& spec) {
    specs.push_back(spec);
    measured.push_back({.name = name, .size = {}, .exact = is_exact(spec)});
  };
  for (const DecodeMode& mode : modes) add(to_string(mode.spec), mode.spec);
  add("centre half", centre_half(modes.front().size));
  add("upper half", upper_half(modes.front().size));

  Image full, decoded;
  const int64_t start = wall_ns();
  for (int round = 0; round < kLeastRounds || wall_ns() - start < kBudgetNs; ++round) {
    for (size_t i = 0; i < specs.size(); ++i) {
      Image& target = i == 0 ? full : decoded;
      const int64_t cpu_start = thread_cpu_ns();
      const Result<DecodedGeometry> geometry = decode_image(decoder, bytes, specs[i], limits, target);
      const double ms = static_cast<double>(thread_cpu_ns() - cpu_start) * 1e-6;
      if (!geometry) return geometry.error();
      measured[i].ms = round == 0 ? ms : std::min(measured[i].ms, ms);
      if (round > 0) continue;
      measured[i].size = geometry->size;
      measured[i].psnr_db = psnr_db(std::as_const(full).view(), std::as_const(target).view(), *geometry);
    }
  }
  for (MeasuredMode& mode : measured) mode.ratio = mode.ms / std::max(measured.front().ms, 1e-6);
  return measured;
}

}  // namespace smol::cli
