#include "psnr.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace smol::cli {
namespace {

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

}  // namespace

double mean_squared_error(ConstImageView full, ConstImageView decoded, const DecodedGeometry& geometry) {
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
  return squares / (static_cast<double>(decoded.size.pixels()) * 3);
}

double psnr_db(double mean_squared_error) {
  if (mean_squared_error < 1e-12) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 / mean_squared_error);
}

}  // namespace smol::cli
