// Two neighbours out of normalisation, scaling, conversion, channel order and layout become one pass (paper §6.2).
#include <optional>
#include <utility>

#include "smol/preproc/graph_state.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

constexpr Size kAnySource{375, 500};

// The operation as a pointwise one; nothing if it is none. `behind` is the state that it makes.
std::optional<PointwiseOp> as_pointwise(const PreprocOp& op, const GraphState& before, const GraphState& behind) {
  PointwiseOp pointwise;
  pointwise.dtype = behind.dtype;
  pointwise.layout = behind.layout;
  if (const auto* already = std::get_if<PointwiseOp>(&op)) return *already;
  if (const auto* convert = std::get_if<ConvertOp>(&op)) {
    if (convert->dtype == DType::kU8) return std::nullopt;  // rounds in between
    return pointwise;
  }
  if (std::holds_alternative<ReorderLayoutOp>(op)) return pointwise;
  if (const auto* scale = std::get_if<ScaleOp>(&op)) {
    pointwise.scale.fill(scale->factor);
    return pointwise;
  }
  if (const auto* normalise = std::get_if<NormaliseOp>(&op)) {
    for (size_t c = 0; c < 3; ++c) {
      pointwise.scale[c] = 1.0 * normalise->scale / normalise->std[c];
      pointwise.bias[c] = -1.0 * normalise->mean[c] / normalise->std[c];
    }
    return pointwise;
  }
  if (const auto* reorder = std::get_if<ReorderChannelsOp>(&op)) {
    if (reorder->order == ChannelOrder::kGrey || before.order == ChannelOrder::kGrey) return std::nullopt;
    if (reorder->order != before.order) std::swap(pointwise.source_channel[0], pointwise.source_channel[2]);
    return pointwise;
  }
  return std::nullopt;
}

PointwiseOp composed(const PointwiseOp& first, const PointwiseOp& second) {
  PointwiseOp both = second;
  for (size_t c = 0; c < 3; ++c) {
    const size_t source = second.source_channel[c];
    both.source_channel[c] = first.source_channel[source];
    both.scale[c] = first.scale[source] * second.scale[c];
    both.bias[c] = first.bias[source] * second.scale[c] + second.bias[c];
  }
  return both;
}

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  std::vector<PreprocGraph> results;
  const std::vector<GraphState> states = graph_states(graph, kAnySource);
  for (size_t i = 0; i + 1 < graph.ops.size(); ++i) {
    const auto first = as_pointwise(graph.ops[i], states[i], states[i + 1]);
    const auto second = as_pointwise(graph.ops[i + 1], states[i + 1], states[i + 2]);
    if (!first || !second) continue;
    PreprocGraph result = graph;
    result.ops[i] = composed(*first, *second);
    result.ops.erase(result.ops.begin() + static_cast<ptrdiff_t>(i) + 1);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

const Rule kFusePointwise{"fuse-pointwise", "normalisation, conversion and reordering become one pass", rewrite};

}  // namespace smol
