// A graph as it is written: a pass over memory for each operation, in the type that it has there. What fusing is
// measured against (paper §2, §6.2), and what an alternative of the optimiser costs by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "smol/base/image.h"
#include "smol/base/tensor.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

// For `smol explain graph --measure` and `make bench-breakdown`, not for runs. u8 passes have FusedExecutor's
// kernels, f32 passes are loops that the compiler vectorises; memory and tables are reused. Not thread-safe.
class PassExecutor {
 public:
  explicit PassExecutor(PreprocGraph graph);  // throws Error(kUsage) if it is invalid

  // `out` has the graph's output. False: it has a pass that is not made here (one channel, f16, u8 of f32; on f32
  // other moves than crops within the picture).
  bool run(ConstImageView rgb, Orientation orientation, TensorView out);

  // CPU time of each operation in the last run; the first one has the turning, the last one the writing of `out`.
  std::span<const int64_t> operation_ns() const { return operation_ns_; }

 private:
  bool pass(size_t index);
  bool u8_pass(size_t index, const PreprocOp& op);
  bool f32_pass(const PreprocOp& op);
  void resize_f32(const ResizeOp& op, LargeSize window, int64_t top, int64_t left);
  void crop_f32(Size size, int64_t top, int64_t left);
  void pointwise_f32(const PointwiseOp& op);
  void write_f32();
  FusedExecutor& u8_executor(size_t index, const PreprocOp& op);

  const PreprocGraph graph_;
  const InputSpec output_;
  std::vector<int64_t> operation_ns_;

  // One for each operation on u8 and each size that pictures had there.
  struct U8Pass {
    size_t index;
    Size size;
    std::unique_ptr<FusedExecutor> executor;
  };
  std::vector<U8Pass> u8_passes_;

  TensorView out_;
  LargeSize size_;
  bool is_u8_ = true;
  ConstImageView u8_;
  Image turned_;
  Image made_;  // what u8_ shows, behind the first pass
  Image scratch_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  std::vector<float> f32_;  // HWC whatever the layout
  std::vector<float> f32_scratch_;
};

}  // namespace smol
