// Writes rows of the fused executor into the output tensor: vertical pass, normalisation, layout, padding.
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
  void fill(const Rect& rect, const std::array<float, 3>& values);
  size_t element(int row, int column, size_t channel) const;

  const FusedPlan& plan_;
  const ResampleKernels& kernels_;
  AlignedBuffer planes_;  // one row of three planes, before they are interleaved
  TensorView out_;
  int top_ = 0;
  int left_ = 0;
  int width_ = 0;
};

}  // namespace smol
