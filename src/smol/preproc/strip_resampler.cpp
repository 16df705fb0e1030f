#include "smol/preproc/strip_resampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "smol/base/error.h"
#include "smol/preproc/strip_check.h"

namespace smol {

StripResampler::StripResampler(const ResampleKernels& kernels)
    : kernels_(kernels),
      group_(static_cast<size_t>(kernels.rows_per_group)),
      group_pairs_(static_cast<size_t>(kernels.rows_per_group / 2)) {}

void StripResampler::begin(const AxisWindow& rows, const AxisWindow& columns, const GridPart& decoded) {
  build_tables(rows, columns);

  const int64_t top = vertical_.used.front().begin - decoded.first_row;
  const int64_t bottom = vertical_.used.back().end - decoded.first_row;
  const int64_t left = horizontal_.first_pixel - decoded.first_column;
  const int64_t right = left + horizontal_.used_pixels;
  if (top < 0 || left < 0 || bottom > decoded.size.height || right > decoded.size.width) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("the decoded region is too small: rows {}..{} and columns {}..{} of it are needed, it has {}x{}",
                    top, bottom, left, right, decoded.size.height, decoded.size.width));
  }
  needed_ = {static_cast<int>(top), static_cast<int>(left), static_cast<int>(bottom), static_cast<int>(right)};
  decoded_ = decoded;
  next_row_ = 0;
  used_run_ = 0;
  rows_done_ = 0;
  next_output_ = 0;
  group_rows_ = 0;
}

void StripResampler::build_tables(const AxisWindow& rows, const AxisWindow& columns) {
  if (columns != column_window_) {
    column_window_ = {};  // stays invalid if memory runs out below
    coefficients_.compute(columns.sampling, columns.first, columns.count);
    fixed_.assign(coefficients_);
    horizontal_.assign(fixed_, columns.mirrored);
    // OpenCV clamps once, at the end: a bicubic sum may then be beyond u8 by less than half of it.
    const bool clamps = columns.sampling.convention == ResizeConvention::kPillow;
    horizontal_.lowest = clamps ? 0 : -128;
    horizontal_.highest = clamps ? 255 : 383;
    kept_stride_ = (horizontal_.readable_bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    const size_t kept_bytes = kept_stride_ * group_.size();
    if (kept_bytes > kept_rows_.capacity()) {
      kept_rows_.ensure(kept_bytes);
      std::memset(kept_rows_.data(), 0, kept_bytes);  // loads past a row's end must find initialised memory
    }
    column_window_ = columns;
  }
  if (rows != row_window_) {
    row_window_ = {};
    coefficients_.compute(rows.sampling, rows.first, rows.count);
    fixed_.assign(coefficients_);
    vertical_.assign(fixed_);
    job_pairs_.resize(static_cast<size_t>(vertical_.max_pairs));
    row_window_ = rows;
  }
  const size_t lanes = static_cast<size_t>(horizontal_.outputs);
  plane_stride_ = (lanes + kPairLaneMultiple - 1) / kPairLaneMultiple * kPairLaneMultiple;
  // Before a group comes, all output rows that end before it are written: max_pairs - 1 older pairs are alive.
  ring_pairs_ = vertical_.max_pairs + static_cast<int64_t>(group_pairs_.size());
  const size_t ring_bytes = static_cast<size_t>(ring_pairs_) * 3 * plane_stride_ * sizeof(int32_t);
  if (ring_bytes > ring_.capacity()) {
    ring_.ensure(ring_bytes);
    std::memset(ring_.data(), 0, ring_bytes);  // lanes past the last column are read, though not used
  }
}

bool StripResampler::push(const Strip& strip, OutputWriter& writer) {
  const ConstImageView& rgb = strip.rgb;
  require_next_strip(strip, next_row_, decoded_.size);
  next_row_ += rgb.size.height;
  if (complete() || rgb.size.height == 0) return complete();

  const int begin = std::max(needed_.top - strip.first_row, 0);
  const int end = std::min(needed_.bottom - strip.first_row, rgb.size.height);
  // With a negative stride the last row is not the last in memory.
  const ptrdiff_t row_bytes = ptrdiff_t{rgb.size.width} * 3;
  const uint8_t* lowest = std::min(rgb.row(0), rgb.row(rgb.size.height - 1), std::less<>());
  const uint8_t* highest = std::max(rgb.row(0), rgb.row(rgb.size.height - 1), std::less<>()) + row_bytes;
  for (int y = begin; y < end; ++y) {
    if (!is_used(decoded_.first_row + strip.first_row + y)) continue;
    add_row(rgb.row(y) + ptrdiff_t{needed_.left} * 3, highest);
    if (group_rows_ == group_.size() || strip.first_row + y + 1 == needed_.bottom) {
      resample_group();
      write_ready_rows(writer);
    }
  }
  keep_group(lowest, highest);
  return complete();
}

bool StripResampler::is_used(int64_t grid_row) {
  while (grid_row >= vertical_.used[used_run_].end) ++used_run_;
  return grid_row >= vertical_.used[used_run_].begin;
}

void StripResampler::add_row(const uint8_t* row, const uint8_t* readable_end) {
  const bool safe = horizontal_.readable_bytes <= static_cast<size_t>(readable_end - row);
  group_[group_rows_] = safe ? row : keep(row);
  ++group_rows_;
}

const uint8_t* StripResampler::keep(const uint8_t* row) {
  uint8_t* slot = reinterpret_cast<uint8_t*>(kept_rows_.data()) + group_rows_ * kept_stride_;
  std::memcpy(slot, row, static_cast<size_t>(horizontal_.used_pixels) * 3);
  return slot;
}

void StripResampler::keep_group(const uint8_t* strip_begin, const uint8_t* strip_end) {
  const size_t rows = group_rows_;
  for (group_rows_ = 0; group_rows_ < rows; ++group_rows_) {
    const uint8_t*& row = group_[group_rows_];
    const bool in_strip = !std::less<>()(row, strip_begin) && std::less<>()(row, strip_end);
    if (in_strip) row = keep(row);
  }
}

void StripResampler::resample_group() {
  // The picture's last group may be short: its last row stands in, and what comes of it has zero weights.
  std::fill(group_.begin() + static_cast<ptrdiff_t>(group_rows_), group_.end(), group_[group_rows_ - 1]);
  const int64_t first_pair = rows_done_ / 2;
  for (size_t i = 0; i < group_pairs_.size(); ++i) group_pairs_[i] = pair_slot(first_pair + static_cast<int64_t>(i));
  kernels_.horizontal(horizontal_, group_.data(), plane_stride_, group_pairs_.data());
  rows_done_ += static_cast<int64_t>(group_rows_);
  group_rows_ = 0;
}

void StripResampler::write_ready_rows(OutputWriter& writer) {
  for (; next_output_ < vertical_.rows.size(); ++next_output_) {
    const VerticalRow& row = vertical_.rows[next_output_];
    if (row.rows_before > rows_done_) return;
    for (int p = 0; p < row.pairs; ++p) job_pairs_[static_cast<size_t>(p)] = pair_slot(row.first_pair + p);
    VerticalJob job;
    job.pairs = job_pairs_.data();
    job.weights = vertical_.weights.data() + row.weights;
    job.pair_count = row.pairs;
    job.plane_stride = plane_stride_;
    writer.write_row(static_cast<int>(next_output_), job);
  }
}

int32_t* StripResampler::pair_slot(int64_t pair) {
  return reinterpret_cast<int32_t*>(ring_.data()) + static_cast<size_t>(pair % ring_pairs_) * 3 * plane_stride_;
}

}  // namespace smol
