#include "smol/preproc/fused_plan.h"

#include <fmt/format.h>

#include <utility>

#include "smol/base/error.h"

namespace smol {
namespace {

struct Affine {
  std::array<double, 3> scale{1, 1, 1};
  std::array<double, 3> bias{0, 0, 0};

  void normalise(const NormaliseOp& op) {
    for (size_t c = 0; c < 3; ++c) {
      scale[c] = scale[c] * op.scale / op.std[c];
      bias[c] = (bias[c] * op.scale - op.mean[c]) / op.std[c];
    }
  }
  void apply(const PointwiseOp& op) {
    const Affine before = *this;
    for (size_t c = 0; c < 3; ++c) {
      const size_t source = op.source_channel[c];
      scale[c] = before.scale[source] * op.scale[c];
      bias[c] = before.bias[source] * op.scale[c] + op.bias[c];
    }
  }
  void swap_red_blue() {
    std::swap(scale[0], scale[2]);
    std::swap(bias[0], bias[2]);
  }
};

class Fuser {
 public:
  void visit(const PreprocOp& op) {
    std::visit([this](const auto& each) { apply(each); }, op);
  }

  FusedPlan finish(const PreprocGraph& graph) && {
    plan_.output = output_spec(graph);
    for (size_t c = 0; c < 3; ++c) {
      plan_.scale[c] = static_cast<float>(pixels_.scale[c]);
      plan_.bias[c] = static_cast<float>(pixels_.bias[c]);
    }
    for (size_t i = 0; i < fills_.size(); ++i) {
      std::array<float, 3> fill{};
      for (size_t c = 0; c < 3; ++c) {
        fill[c] = fill_values_[i] * static_cast<float>(fills_[i].scale[c]) + static_cast<float>(fills_[i].bias[c]);
      }
      plan_.fills.push_back(fill);
    }
    return std::move(plan_);
  }

 private:
  void apply(const ResizeOp& op) {
    if (plan_.resize) refuse("a second resize (\"mergeable\": true on it has both done as one)", op);
    if (plan_.grey && op.filter == ResizeFilter::kBicubic) refuse("a bicubic resize of grey (clamps differ)", op);
    if (converted_) refuse("a resize after the conversion to f32 (put the resize first, so that it runs on u8)", op);
    plan_.source_windows = std::exchange(plan_.windows, {});
    for (const float value : fill_values_) plan_.source_fills.push_back(static_cast<uint8_t>(value));
    fill_values_.clear();
    fills_.clear();
    plan_.resize = op;
  }
  void apply(const CenterCropOp& op) { add_window({.size = op.size}, 0); }
  void apply(const CropOp& op) {
    add_window({.size = op.rect.size(), .centred = false, .top = op.rect.top, .left = op.rect.left}, 0);
  }
  void apply(const FlipOp& op) {
    if (!op.horizontal && !op.vertical) return;
    add_window({.size = {}, .flip_rows = op.vertical, .flip_columns = op.horizontal}, 0);
  }
  void apply(const PadOp& op) { add_window({.size = op.size, .crop = false, .centred = op.centred}, op.value); }
  void apply(const ReorderChannelsOp& op) {
    if (op.order == ChannelOrder::kGrey) {
      if (arithmetic_) refuse("a conversion to grey after scaling or normalisation", op);
      plan_.grey = true;
      plan_.source_channel = {0, 1, 2};
      return;
    }
    if (op.order == order_) return;
    order_ = op.order;
    if (!plan_.grey) std::swap(plan_.source_channel[0], plan_.source_channel[2]);
    pixels_.swap_red_blue();
    for (Affine& fill : fills_) fill.swap_red_blue();
  }
  void apply(const ConvertOp& op) {
    if (op.dtype == DType::kU8 && converted_) refuse("a conversion back to u8", op);
    converted_ = converted_ || op.dtype != DType::kU8;
  }
  void apply(const ScaleOp& op) { apply(NormaliseOp{op.factor}); }
  void apply(const NormaliseOp& op) {
    arithmetic_ = true;
    pixels_.normalise(op);
    for (Affine& fill : fills_) fill.normalise(op);
  }
  void apply(const ReorderLayoutOp&) {}  // output_spec has it
  void apply(const CroppedResizeOp& op) {
    apply(op.resize);
    std::visit([this](const auto& crop) { apply(crop); }, op.crop);
  }
  void apply(const PointwiseOp& op) {
    const bool unchanged = op.scale == std::array<double, 3>{1, 1, 1} && op.bias == std::array<double, 3>{0, 0, 0};
    if (op.dtype == DType::kU8 && (converted_ || !unchanged)) refuse("arithmetic that ends in u8", op);
    converted_ = converted_ || op.dtype != DType::kU8;
    arithmetic_ = true;
    for (Affine* affine : affines()) affine->apply(op);
    if (op.source_channel[0] == 2) order_ = order_ == ChannelOrder::kRgb ? ChannelOrder::kBgr : ChannelOrder::kRgb;
    if (plan_.grey) return;
    const std::array<size_t, 3> before = plan_.source_channel;
    for (size_t c = 0; c < 3; ++c) plan_.source_channel[c] = before[op.source_channel[c]];
  }

  void add_window(const WindowOp& window, uint8_t value) {
    plan_.windows.push_back(window);
    fills_.emplace_back();
    fill_values_.push_back(value);
  }

  std::vector<Affine*> affines() {
    std::vector<Affine*> all{&pixels_};
    for (Affine& fill : fills_) all.push_back(&fill);
    return all;
  }

  [[noreturn]] void refuse(const char* what, const PreprocOp& op) {
    throw Error(ErrorCode::kUsage, fmt::format("the fused executor cannot run {}: {}", what, to_text(op)));
  }

  FusedPlan plan_;
  Affine pixels_;
  std::vector<Affine> fills_;  // what happens to a fill value after its window
  std::vector<float> fill_values_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  bool converted_ = false;
  bool arithmetic_ = false;
};

}  // namespace

FusedPlan fuse(const PreprocGraph& graph) {
  output_spec(graph);  // an invalid graph is refused in its own words
  Fuser fuser;
  for (const PreprocOp& op : graph.ops) fuser.visit(op);
  return std::move(fuser).finish(graph);
}

}  // namespace smol
