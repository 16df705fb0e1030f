#include "smol/preproc/graph_state.h"

#include <type_traits>

namespace smol {
namespace {

class Walk {
 public:
  explicit Walk(Size source) { state_.size = {source.height, source.width}; }
  const GraphState& state() const { return state_; }

  void operator()(const ResizeOp& op) {
    state_.size = resized_size(op, state_.size);
    state_.at_least = op.rule == ResizeRule::kExact       ? op.size
                      : op.rule == ResizeRule::kShortSide ? Size{op.short_side, op.short_side}
                                                          : Size{1, 1};
  }
  void operator()(const CenterCropOp& op) { become(op.size); }
  void operator()(const CropOp& op) { become(op.rect.size()); }
  void operator()(const PadOp& op) { become(op.size); }
  void operator()(const FlipOp&) {}
  void operator()(const ReorderChannelsOp& op) {
    state_.order = op.order;
    state_.channels = op.channels;
  }
  void operator()(const ConvertOp& op) { state_.dtype = op.dtype; }
  void operator()(const ScaleOp&) {}
  void operator()(const NormaliseOp&) {}
  void operator()(const ReorderLayoutOp& op) { state_.layout = op.layout; }
  void operator()(const CroppedResizeOp& op) { std::visit(*this, op.crop); }
  void operator()(const PointwiseOp& op) {
    state_.dtype = op.dtype;
    state_.layout = op.layout;
    if (op.source_channel[0] == 2) {
      state_.order = state_.order == ChannelOrder::kRgb ? ChannelOrder::kBgr : ChannelOrder::kRgb;
    }
  }

 private:
  void become(Size size) {
    state_.size = {size.height, size.width};
    state_.at_least = size;
  }
  GraphState state_;
};

}  // namespace

std::vector<GraphState> graph_states(const PreprocGraph& graph, Size source) {
  Walk walk(source);
  std::vector<GraphState> states{walk.state()};
  for (const PreprocOp& op : graph.ops) {
    std::visit(walk, op);
    states.push_back(walk.state());
  }
  return states;
}

}  // namespace smol
