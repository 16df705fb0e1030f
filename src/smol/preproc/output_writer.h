// Writes rows of the fused executor into the output tensor: vertical pass, grey, normalisation, dtype, layout,
// padding.
#pragma once

#include "smol/base/aligned_buffer.h"
#include "smol/base/tensor.h"
#include "smol/preproc/fused_plan.h"
#include "smol/preproc/resample_kernels.h"

namespace smol {

// Keeps references to the plan and the kernels. Allocates only in the constructor.
class OutputWriter {
 public:
  OutputWriter(const FusedPlan& plan, const ResampleKernels& kernels);

  // Writes the padding. Throws Error(kUsage) if `out` is not what the plan produces.
  void begin(const Placement& placement, TensorView out);

  // Row `row` of the visible window. The job's pairs and weights; width and source planes are set here.
  void write_row(int row, VerticalJob job);

 private:
  void write_u8(int row, const VerticalJob& job);
  void write_floats(int row, const VerticalJob& job);
  void fill(const Rect& rect, const std::array<float, 3>& values);
  size_t element(int row, int column, size_t channel) const;
  float* float_row(size_t index) { return floats_ + index * row_elements_; }
  uint8_t* byte_row(size_t index) { return bytes_ + index * row_elements_; }

  const FusedPlan& plan_;
  const ResampleKernels& kernels_;
  const size_t channels_;
  AlignedBuffer scratch_;
  size_t row_elements_ = 0;   // of one channel
  float* floats_ = nullptr;   // in scratch_: three planes, and a row of interleaved pixels
  uint8_t* bytes_ = nullptr;  // the same, and a plane of grey
  TensorView out_;
  AxisPlacement rows_;
  int left_ = 0;
  int width_ = 0;
};

}  // namespace smol
