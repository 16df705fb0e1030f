// Normalisation, scaling, conversion and reordering move past their neighbours, one step an application (paper §6.2:
// "can be placed at any point"). What holds them back:
// - a conversion does not cross a bicubic resize: u8 values are clamped there, f32 values are not;
// - a normalisation does not cross what fills with zeros or a value, unless nothing is ever filled;
// - a conversion to u8 rounds and clamps: it stays where it is.
#include <algorithm>
#include <array>
#include <utility>

#include "smol/preproc/graph_state.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

constexpr Size kAnySource{375, 500};

bool same_in_all_channels(const std::array<float, 3>& values) {
  return values[0] == values[1] && values[1] == values[2];
}

bool never_fills(const PreprocOp& op, const GraphState& before) {
  if (const auto* crop = std::get_if<CenterCropOp>(&op)) {
    return before.at_least.height >= crop->size.height && before.at_least.width >= crop->size.width;
  }
  if (const auto* crop = std::get_if<CropOp>(&op)) {
    return crop->rect.top >= 0 && crop->rect.left >= 0 && crop->rect.bottom <= before.at_least.height &&
           crop->rect.right <= before.at_least.width;
  }
  return false;
}

bool is_crop(const PreprocOp& op) {
  return std::holds_alternative<CenterCropOp>(op) || std::holds_alternative<CropOp>(op);
}

bool changes_nothing_for_pointwise(const PreprocOp& op) {
  return std::holds_alternative<FlipOp>(op) || std::holds_alternative<ReorderLayoutOp>(op);
}

// Each says whether `op` may change places with `other`; `before` is the state in front of both. `op` is adapted to
// its new place.
bool passes(ConvertOp& op, const PreprocOp& other, const GraphState&) {
  if (op.dtype == DType::kU8) return false;
  if (const auto* resize = std::get_if<ResizeOp>(&other)) return resize->filter != ResizeFilter::kBicubic;
  return is_crop(other) || changes_nothing_for_pointwise(other) || std::holds_alternative<PadOp>(other) ||
         std::holds_alternative<ReorderChannelsOp>(other);
}

bool passes(ScaleOp&, const PreprocOp& other, const GraphState&) {
  return std::holds_alternative<ResizeOp>(other) || is_crop(other) || changes_nothing_for_pointwise(other) ||
         std::holds_alternative<ReorderChannelsOp>(other);
}

bool passes(NormaliseOp& op, const PreprocOp& other, const GraphState& before) {
  if (std::holds_alternative<ResizeOp>(other) || changes_nothing_for_pointwise(other)) return true;
  if (is_crop(other)) return never_fills(other, before);
  if (const auto* reorder = std::get_if<ReorderChannelsOp>(&other)) {
    // The weights of grey add up to 1.
    if (reorder->order == ChannelOrder::kGrey) return same_in_all_channels(op.mean) && same_in_all_channels(op.std);
    if (reorder->order != before.order) {
      std::swap(op.mean[0], op.mean[2]);
      std::swap(op.std[0], op.std[2]);
    }
    return true;
  }
  return false;
}

// The layout is a matter of storage, and channels are alike to everything that moves or weighs pixels.
bool passes(ReorderLayoutOp&, const PreprocOp& other, const GraphState&) {
  return std::holds_alternative<ResizeOp>(other) || is_crop(other) || std::holds_alternative<PadOp>(other) ||
         std::holds_alternative<FlipOp>(other) || std::holds_alternative<ReorderChannelsOp>(other);
}

bool passes(ReorderChannelsOp& op, const PreprocOp& other, const GraphState&) {
  if (op.order == ChannelOrder::kGrey) return false;  // dead-channels moves it
  return std::holds_alternative<ResizeOp>(other) || is_crop(other) || std::holds_alternative<PadOp>(other) ||
         std::holds_alternative<FlipOp>(other);
}

template <typename Other>
bool passes(Other&, const PreprocOp&, const GraphState&) {
  return false;
}

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  std::vector<PreprocGraph> results;
  const std::vector<GraphState> states = graph_states(graph, kAnySource);
  for (size_t i = 0; i + 1 < graph.ops.size(); ++i) {
    // Either of a pair may be the one that moves.
    for (const auto& [moving, other] : {std::pair{i, i + 1}, std::pair{i + 1, i}}) {
      PreprocOp adapted = graph.ops[moving];
      const bool may = std::visit([&](auto& op) { return passes(op, graph.ops[other], states[i]); }, adapted);
      if (!may) continue;
      PreprocGraph result = graph;
      result.ops[other] = adapted;
      result.ops[moving] = graph.ops[other];
      results.push_back(std::move(result));
    }
  }
  return results;
}

}  // namespace

const Rule kMovePointwise{"move-pointwise", "normalisation, conversion and reordering move to any point", rewrite};

}  // namespace smol
