// Channels that nobody asks for are not computed: one grey channel is made as early as possible, and an order or
// layout that is overwritten, or stands already, goes.
#include <utility>

#include "smol/preproc/graph_state.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

constexpr Size kAnySource{375, 500};

// Grey is a weighted mean: it may go before whatever treats all channels alike and does not clamp. A fill of equal
// values in all channels is that value in grey.
bool grey_may_precede(const PreprocOp& op, const GraphState& before) {
  if (const auto* resize = std::get_if<ResizeOp>(&op)) {
    return resize->filter != ResizeFilter::kBicubic || before.dtype == DType::kF32;
  }
  return std::holds_alternative<CenterCropOp>(op) || std::holds_alternative<CropOp>(op) ||
         std::holds_alternative<PadOp>(op) || std::holds_alternative<FlipOp>(op) ||
         std::holds_alternative<ReorderLayoutOp>(op);
}

bool is_one_grey(const PreprocOp& op) {
  const auto* reorder = std::get_if<ReorderChannelsOp>(&op);
  return reorder != nullptr && reorder->order == ChannelOrder::kGrey && reorder->channels == 1;
}

// Nothing comes of the operation at `i`.
bool is_dead(const PreprocGraph& graph, size_t i, const GraphState& before) {
  const bool has_next = i + 1 < graph.ops.size();
  if (const auto* reorder = std::get_if<ReorderChannelsOp>(&graph.ops[i])) {
    if (reorder->order == ChannelOrder::kGrey) return false;
    return reorder->order == before.order ||
           (has_next && std::holds_alternative<ReorderChannelsOp>(graph.ops[i + 1]));
  }
  if (const auto* layout = std::get_if<ReorderLayoutOp>(&graph.ops[i])) {
    return layout->layout == before.layout || (has_next && std::holds_alternative<ReorderLayoutOp>(graph.ops[i + 1]));
  }
  return false;
}

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  std::vector<PreprocGraph> results;
  const std::vector<GraphState> states = graph_states(graph, kAnySource);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (is_dead(graph, i, states[i])) {
      results.push_back(graph);
      results.back().ops.erase(results.back().ops.begin() + static_cast<ptrdiff_t>(i));
    }
    if (i > 0 && is_one_grey(graph.ops[i]) && grey_may_precede(graph.ops[i - 1], states[i - 1])) {
      results.push_back(graph);
      std::swap(results.back().ops[i - 1], results.back().ops[i]);
    }
  }
  return results;
}

}  // namespace

const Rule kDeadChannels{"dead-channels", "channels that nobody asks for are not computed", rewrite};

}  // namespace smol
