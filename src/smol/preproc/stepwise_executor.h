// A graph as it is written: a pass over memory for each operation. What fusing is measured against (paper §2, §6.2).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/image.h"
#include "smol/base/tensor.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/graph.h"

namespace smol {

// For `make bench-breakdown`, not for runs. The resize has the kernels of FusedExecutor, the other operations are
// loops that the compiler vectorises; memory is reused. u8 values are FusedExecutor's, f32 values the reference's.
// Not thread-safe.
class StepwiseExecutor {
 public:
  // Throws Error(kUsage) unless the graph is made of: resize, centre crop, convert to f32, scale, normalise, channel
  // order and layout; the last operation is the layout CHW of f32 values.
  explicit StepwiseExecutor(PreprocGraph graph);

  // Throws Error(kUsage) for a picture that a crop would have to pad.
  void run(ConstImageView rgb, Orientation orientation, TensorView out);

  // CPU time of each operation, summed over all runs.
  std::span<const int64_t> operation_ns() const { return operation_ns_; }

 private:
  void apply(const ResizeOp& op);
  void apply(const CenterCropOp& op);
  void apply(const ConvertOp& op);
  void apply(const NormaliseOp& op);
  void apply(const ReorderChannelsOp& op);
  void apply(const ReorderLayoutOp& op);

  const PreprocGraph graph_;
  std::vector<int64_t> operation_ns_;

  // One executor for each size that pictures had.
  struct Resizer {
    Size size;
    std::unique_ptr<FusedExecutor> executor;
  };
  std::vector<Resizer> resizers_;

  ConstImageView u8_;  // what the next operation reads, until the conversion to f32
  Orientation orientation_ = Orientation::kUpright;
  Image turned_;
  Image resized_;
  Image cropped_;
  AlignedBuffer values_;  // HWC, from then on
  size_t count_ = 0;
  ChannelOrder order_ = ChannelOrder::kRgb;
  TensorView out_;
};

}  // namespace smol
