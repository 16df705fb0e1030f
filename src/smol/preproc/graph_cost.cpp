#include "smol/preproc/graph_cost.h"

#include <algorithm>
#include <cmath>

#include "smol/preproc/graph_state.h"

namespace smol {
namespace {

double taps(int64_t input, int64_t output, const ResizeOp& op) {
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  const double stretch = op.antialias ? std::max(scale, 1.0) : 1.0;
  switch (op.filter) {
    case ResizeFilter::kNearest: return 0;
    case ResizeFilter::kBilinear: return 2 * stretch;
    case ResizeFilter::kBicubic: return 4 * stretch;
    case ResizeFilter::kArea: return stretch;
  }
  return 0;
}

// A resize of which `window` is computed: horizontally over the rows that it needs, then vertically.
struct ResizeWork {
  double horizontal_values = 0;
  double vertical_values = 0;
  double horizontal_taps = 0;
  double vertical_taps = 0;
};

ResizeWork resize_work(const ResizeOp& op, const GraphState& before, LargeSize window) {
  const LargeSize full = resized_size(op, before.size);
  const double height = static_cast<double>(std::min(window.height, full.height));
  const double width = static_cast<double>(std::min(window.width, full.width));
  const double scale = static_cast<double>(before.size.height) / static_cast<double>(full.height);
  ResizeWork work;
  work.horizontal_taps = taps(before.size.width, full.width, op);
  work.vertical_taps = taps(before.size.height, full.height, op);
  const double rows =
      std::min(static_cast<double>(before.size.height), std::ceil(height * scale + work.vertical_taps));
  work.horizontal_values = rows * width * before.channels;
  work.vertical_values = height * width * before.channels;
  return work;
}

double values(const GraphState& state) {
  return static_cast<double>(state.size.height) * static_cast<double>(state.size.width) * state.channels;
}

class Counter {
 public:
  Counter(const GraphState& before, const GraphState& behind, const CostWeights& weights)
      : before_(before), behind_(behind), weights_(weights) {}

  double operator()(const ResizeOp& op) const { return resize(op, resized_size(op, before_.size)); }
  double operator()(const CroppedResizeOp& op) const {
    // Not from the decoder: the source region is copied first.
    const ResizeWork work = resize_work(op.resize, before_, behind_.size);
    const LargeSize full = resized_size(op.resize, before_.size);
    const double columns = std::min(1.0, static_cast<double>(behind_.size.width) / static_cast<double>(full.width));
    const double source = work.horizontal_values / static_cast<double>(behind_.size.width) *
                          static_cast<double>(before_.size.width) * columns;
    return resize(op.resize, behind_.size) + (op.in_decoder ? 0.0 : moves(source));
  }
  double operator()(const CenterCropOp&) const { return moves(values(behind_)); }
  double operator()(const CropOp&) const { return moves(values(behind_)); }
  double operator()(const PadOp&) const { return moves(values(behind_)); }
  double operator()(const FlipOp&) const { return moves(values(behind_)); }
  double operator()(const ReorderLayoutOp&) const { return moves(values(behind_)); }
  double operator()(const ReorderChannelsOp& op) const {
    if (op.order != ChannelOrder::kGrey) return moves(values(behind_));
    return 5 * arithmetic(before_.dtype) * values(before_) / before_.channels;
  }
  double operator()(const ConvertOp&) const { return weights_.f32_pointwise * values(behind_); }
  double operator()(const ScaleOp&) const { return weights_.f32_pointwise * values(behind_); }
  double operator()(const NormaliseOp&) const { return 3 * weights_.f32_pointwise * values(behind_); }
  double operator()(const PointwiseOp&) const { return 2 * weights_.f32_pointwise * values(behind_); }

 private:
  double arithmetic(DType dtype) const {
    return dtype == DType::kU8 ? weights_.u8_arithmetic : weights_.f32_arithmetic;
  }
  double moves(double count) const {
    return count * (behind_.dtype == DType::kU8 ? weights_.u8_move : weights_.f32_move);
  }
  double resize(const ResizeOp& op, LargeSize window) const {
    const ResizeWork work = resize_work(op, before_, window);
    if (op.filter == ResizeFilter::kNearest) return moves(work.vertical_values);
    const double multiplications =
        work.horizontal_values * work.horizontal_taps + work.vertical_values * work.vertical_taps;
    return 2 * multiplications * arithmetic(before_.dtype);  // and as many additions
  }

  const GraphState& before_;
  const GraphState& behind_;
  const CostWeights& weights_;
};

}  // namespace

double graph_cost(const PreprocGraph& graph, Size source, const CostWeights& weights) {
  const std::vector<GraphState> states = graph_states(graph, source);
  double cost = 0;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    cost += std::visit(Counter(states[i], states[i + 1], weights), graph.ops[i]) + weights.pass;
  }
  return cost;
}

GraphWork graph_work(const PreprocGraph& graph, Size source) {
  const std::vector<GraphState> states = graph_states(graph, source);
  GraphWork result;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    ++result.passes;
    const auto* cropped = std::get_if<CroppedResizeOp>(&graph.ops[i]);
    const auto* resize = cropped != nullptr ? &cropped->resize : std::get_if<ResizeOp>(&graph.ops[i]);
    if (resize == nullptr) continue;
    const ResizeWork work = resize_work(*resize, states[i], states[i + 1].size);
    result.resized_values += work.horizontal_values + work.vertical_values;
    result.resize_bytes = std::max(result.resize_bytes, static_cast<int>(size_bytes(states[i].dtype)));
  }
  return result;
}

}  // namespace smol
