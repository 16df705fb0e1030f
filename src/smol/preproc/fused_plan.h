// What the fused executor makes of a graph: a window of the source, one resize, a window of it, perhaps grey, one
// multiply-add per channel.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

struct FusedPlan {
  InputSpec output;
  std::vector<WindowOp> source_windows;  // before the resize
  std::vector<uint8_t> source_fills;     // of each
  std::optional<ResizeOp> resize;
  std::vector<WindowOp> windows;
  std::vector<std::array<float, 3>> fills;        // of each window, as the output has it, by output channel
  std::array<size_t, 3> source_channel{0, 1, 2};  // of each output channel
  bool grey = false;  // of the resized R, G, B, rounded to u8 as Pillow's convert("L"), then scale and bias
  // f32 and f16: output = value * scale + bias. One rounding more or less than (x * scale - mean) / std: see
  // executor.h.
  std::array<float, 3> scale{1, 1, 1};
  std::array<float, 3> bias{0, 0, 0};
};

// Throws Error(kUsage) if the graph is invalid, or not of the form: crops, flips and pads, [resize], crops, flips and
// pads, with conversion to f32 or f16, scaling, normalisation and reordering anywhere after the resize, and
// reordering and grey anywhere before the arithmetic.
FusedPlan fuse(const PreprocGraph& graph);

}  // namespace smol
