// What the fused executor makes of a graph: one resize, a window, one multiply-add per channel.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

struct FusedPlan {
  InputSpec output;
  std::optional<ResizeOp> resize;
  std::vector<WindowOp> windows;
  std::vector<std::array<float, 3>> fills;        // of each window, as the output has it, by output channel
  std::array<size_t, 3> source_channel{0, 1, 2};  // of each output channel
  // f32: output = value * scale + bias. One rounding more or less than (x * scale - mean) / std: see executor.h.
  std::array<float, 3> scale{1, 1, 1};
  std::array<float, 3> bias{0, 0, 0};
};

// Throws Error(kUsage) if the graph is invalid, or not of the form [resize on u8] then crops and pads, with
// conversion, normalisation and reordering anywhere after the resize (reordering also before it).
FusedPlan fuse(const PreprocGraph& graph);

}  // namespace smol
