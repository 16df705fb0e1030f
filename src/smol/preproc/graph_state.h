// What stands between the operations of a graph: the size, type, order and layout of the picture there.
#pragma once

#include <vector>

#include "smol/preproc/graph.h"
#include "smol/preproc/placement.h"

namespace smol {

struct GraphState {
  LargeSize size;
  DType dtype = DType::kU8;
  Layout layout = Layout::kHWC;
  ChannelOrder order = ChannelOrder::kRgb;
  int channels = 3;
  // No picture, whatever its size, is smaller than this here; {0, 0} before anything is known.
  Size at_least;
};

// Before every operation, and behind the last: ops.size() + 1 states, for an upright picture of size `source`. The
// graph must be valid (output_spec).
std::vector<GraphState> graph_states(const PreprocGraph& graph, Size source);

}  // namespace smol
