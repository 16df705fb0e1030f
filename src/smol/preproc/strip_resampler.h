// The streaming core of the fused executor: rows of an upright picture in, output rows out.
//
// Rows are taken in groups as wide as the SIMD vectors, resampled horizontally to u8 (only the columns that the
// window shows) into a ring of row pairs, and every output row is computed as soon as its rows are there.
#pragma once

#include <cstdint>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/decode_spec.h"
#include "smol/preproc/output_writer.h"
#include "smol/preproc/resample_tables.h"
#include "smol/preproc/source_geometry.h"

namespace smol {

// One axis: which outputs of which sampling are shown.
struct AxisWindow {
  AxisSampling sampling;
  int64_t first = 0;
  int count = 0;
  bool mirrored = false;  // written from the last to the first; rows are the writer's business
  bool operator==(const AxisWindow&) const = default;
};

// The pixels that will be pushed, on the grid of the samplings.
struct GridPart {
  int64_t first_row = 0;
  int64_t first_column = 0;
  Size size;
};

class StripResampler {
 public:
  explicit StripResampler(const ResampleKernels& kernels);

  // Throws Error(kUsage) if `decoded` does not cover what the windows need. Both counts >= 1.
  void begin(const AxisWindow& rows, const AxisWindow& columns, const GridPart& decoded);

  // True once every output row is written.
  bool push(const Strip& strip, OutputWriter& writer);
  bool complete() const { return next_output_ == vertical_.rows.size(); }

  // The pixels that count, in decoded coordinates; known after begin().
  Rect needed() const { return needed_; }

 private:
  void build_tables(const AxisWindow& rows, const AxisWindow& columns);
  bool is_used(int64_t grid_row);
  void add_row(const uint8_t* row, const uint8_t* readable_end);
  const uint8_t* keep(const uint8_t* row);
  void keep_group(const uint8_t* strip_begin, const uint8_t* strip_end);
  void resample_group();
  void write_ready_rows(OutputWriter& writer);
  int32_t* pair_slot(int64_t pair);

  const ResampleKernels& kernels_;

  // Of the last picture; used again if the next has the same geometry.
  AxisWindow row_window_;
  AxisWindow column_window_;
  HorizontalTaps horizontal_;
  VerticalTaps vertical_;
  ResampleCoefficients coefficients_;
  FixedPointTaps fixed_;

  Rect needed_;
  GridPart decoded_;
  int64_t next_row_ = 0;   // decoded row that must come next
  size_t used_run_ = 0;    // of vertical_.used
  int64_t rows_done_ = 0;  // used rows in the ring
  size_t next_output_ = 0;

  std::vector<const uint8_t*> group_;  // rows waiting for the group to fill, from the first needed byte
  size_t group_rows_ = 0;
  AlignedBuffer kept_rows_;  // copies of rows that must outlive their strip or must not be read beyond
  size_t kept_stride_ = 0;

  AlignedBuffer ring_;
  size_t plane_stride_ = 0;
  int64_t ring_pairs_ = 0;
  std::vector<int32_t*> group_pairs_;
  std::vector<const int32_t*> job_pairs_;
};

}  // namespace smol
