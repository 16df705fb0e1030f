// One pass over memory for each operation of any graph, in the type that it has there: what an alternative of the
// optimiser costs if nothing but what the graph itself fuses is fused. For `smol explain graph --measure`.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smol/base/image.h"
#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

// u8 passes have FusedExecutor's kernels, f32 passes are loops that the compiler vectorises. Not thread-safe.
class PassExecutor {
 public:
  explicit PassExecutor(PreprocGraph graph);  // throws Error(kUsage) if it is invalid

  // CPU nanoseconds of one run over an upright picture; nothing if it has a pass that is not made here (one channel,
  // f16, and other moves than crops on f32).
  std::optional<int64_t> run(ConstImageView rgb);

  // Of the last run: HWC whatever the layout, values as the graph makes them.
  const std::vector<float>& values() const { return f32_; }

 private:
  bool pass(const PreprocOp& op);
  bool u8_pass(const PreprocOp& op);
  bool f32_pass(const PreprocOp& op);
  void resize_f32(const ResizeOp& op, LargeSize window, int64_t top, int64_t left);
  void crop_f32(Size size, int64_t top, int64_t left);
  void pointwise_f32(const PointwiseOp& op);

  PreprocGraph graph_;
  LargeSize size_;
  bool is_u8_ = true;
  ConstImageView u8_;
  Image made_;  // what u8_ shows, behind the first pass
  Image scratch_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  std::vector<float> f32_;
  std::vector<float> f32_scratch_;
};

}  // namespace smol
