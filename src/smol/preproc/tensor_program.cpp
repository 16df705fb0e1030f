#include "smol/preproc/tensor_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "smol/base/error.h"
#include "smol/preproc/placement.h"
#include "smol/preproc/reference_resize.h"

namespace smol {
namespace {

// Of the channels in this order (graph.h).
std::array<double, 3> grey_weights(ChannelOrder order) {
  constexpr double kRed = 19595.0 / 65536;
  constexpr double kGreen = 38470.0 / 65536;
  constexpr double kBlue = 7471.0 / 65536;
  if (order == ChannelOrder::kBgr) return {kBlue, kGreen, kRed};
  return {kRed, kGreen, kBlue};
}

class Lowering {
 public:
  explicit Lowering(const InputSpec& slot) : at_(slot), values_are_u8_(slot.dtype == DType::kU8) {}

  std::vector<TensorStep> steps() && { return std::move(steps_); }

  void operator()(const ResizeOp& op) {
    const LargeSize size = resized_size(op, {at_.height, at_.width});
    const bool same = size == LargeSize{at_.height, at_.width};
    if (same) return;
    to_f32();
    const bool both_shrink = size.height <= at_.height && size.width <= at_.width;
    resize_axis(op, width_axis(), at_.width, size.width, both_shrink);
    // Between the passes OpenCV keeps what u8 cannot hold, as the fused executor does (strip_resampler.cpp).
    const bool clamps = op.convention == ResizeConvention::kPillow;
    if (values_are_u8_) push(clamps ? RoundStep{0, 255} : RoundStep{-128, 383});
    resize_axis(op, height_axis(), at_.height, size.height, both_shrink);
    if (values_are_u8_) push(RoundStep{0, 255});
  }

  void operator()(const CenterCropOp& op) {
    const int height = std::max(at_.height, op.size.height);
    const int width = std::max(at_.width, op.size.width);
    pad({height, width}, (height - at_.height) / 2, (width - at_.width) / 2, 0);
    gather_range(height_axis(), center_crop_offset(height, op.size.height), op.size.height);
    gather_range(width_axis(), center_crop_offset(width, op.size.width), op.size.width);
  }

  void operator()(const PadOp& op) {
    pad(op.size, op.centred ? (op.size.height - at_.height) / 2 : 0, op.centred ? (op.size.width - at_.width) / 2 : 0,
        op.value);
  }

  void operator()(const CropOp& op) {
    const Rect& rect = op.rect;
    const int top = std::max(0, -rect.top);
    const int left = std::max(0, -rect.left);
    pad({std::max(at_.height, rect.bottom) + top, std::max(at_.width, rect.right) + left}, top, left, 0);
    gather_range(height_axis(), rect.top + top, rect.height());
    gather_range(width_axis(), rect.left + left, rect.width());
  }

  void operator()(const FlipOp& op) {
    if (op.vertical) reverse(height_axis());
    if (op.horizontal) reverse(width_axis());
  }

  void operator()(const ReorderChannelsOp& op) {
    if (op.order == ChannelOrder::kGrey) {
      to_f32();
      std::vector<float> weights;
      for (int channel = 0; channel < op.channels; ++channel) {
        for (const double weight : grey_weights(order_)) weights.push_back(static_cast<float>(weight));
      }
      at_.channels = op.channels;
      push(WeightedSumStep{channel_axis(), 3, op.channels, std::move(weights)});
      if (values_are_u8_) push(RoundStep{0, 255});
      return;
    }
    if (op.order == order_) return;
    order_ = op.order;
    push(GatherStep{channel_axis(), {2, 1, 0}});
  }

  void operator()(const ConvertOp& op) {
    if (op.dtype != DType::kF32) refuse(op);
    to_f32();
    values_are_u8_ = false;
  }

  void operator()(const ScaleOp& op) { arithmetic(Arithmetic::kMultiply, {op.factor, op.factor, op.factor}, 1); }

  // As it is defined: multiply, subtract, divide.
  void operator()(const NormaliseOp& op) {
    arithmetic(Arithmetic::kMultiply, {op.scale, op.scale, op.scale}, 1);
    arithmetic(Arithmetic::kSubtract, op.mean, 0);
    arithmetic(Arithmetic::kDivide, op.std, 1);
  }

  void operator()(const ReorderLayoutOp& op) {
    if (op.layout == at_.layout) return;
    at_.layout = op.layout;
    push(TransposeStep{op.layout == Layout::kCHW ? std::array<int64_t, 4>{0, 3, 1, 2}
                                                 : std::array<int64_t, 4>{0, 2, 3, 1}});
  }

  template <typename Op>
  void operator()(const Op& op) {
    refuse(op);
  }

 private:
  [[noreturn]] static void refuse(const PreprocOp& op) {
    throw Error(ErrorCode::kUsage, "this operation runs on the CPU only, cut below it: " + to_text(op));
  }

  int height_axis() const { return at_.layout == Layout::kHWC ? 1 : 2; }
  int width_axis() const { return height_axis() + 1; }
  int channel_axis() const { return at_.layout == Layout::kHWC ? 3 : 1; }
  int& side(int axis) { return axis == height_axis() ? at_.height : at_.width; }

  void push(auto step) { steps_.push_back({std::move(step), at_}); }

  void to_f32() {
    if (at_.dtype == DType::kF32) return;
    at_.dtype = DType::kF32;
    push(ToF32Step{});
  }

  // What changes nothing is left out.
  void arithmetic(Arithmetic operation, const std::array<float, 3>& values, float neutral) {
    std::vector<float> used(values.begin(), values.begin() + at_.channels);
    if (std::all_of(used.begin(), used.end(), [&](float value) { return value == neutral; })) return;
    Shape shape{{1, 1, 1, 1}, 4};
    shape.axes[static_cast<size_t>(channel_axis())] = at_.channels;
    push(ArithmeticStep{operation, std::move(used), shape});
  }

  void reverse(int axis) {
    GatherStep step{axis, std::vector<int64_t>(static_cast<size_t>(side(axis)))};
    std::iota(step.indices.rbegin(), step.indices.rend(), int64_t{0});
    push(std::move(step));
  }

  void resize_axis(const ResizeOp& op, int axis, int64_t input, int64_t output, bool both_shrink) {
    if (input == output) return;
    WeightedSumStep step{axis, input, output, std::vector<float>(static_cast<size_t>(input * output))};
    const std::vector<ReferenceTaps> taps = reference_taps(input, output, op, both_shrink);
    for (int64_t o = 0; o < output; ++o) {
      for (const ReferenceTap& tap : taps[static_cast<size_t>(o)]) {
        step.weights[static_cast<size_t>(o * input + tap.pixel)] += static_cast<float>(tap.weight);
      }
    }
    side(axis) = static_cast<int>(output);
    push(std::move(step));
  }

  void gather_range(int axis, int64_t first, int count) {
    if (count == side(axis)) return;
    GatherStep step{axis, std::vector<int64_t>(static_cast<size_t>(count))};
    std::iota(step.indices.begin(), step.indices.end(), first);
    side(axis) = count;
    push(std::move(step));
  }

  void pad(Size size, int top, int left, float value) {
    if (size == Size{at_.height, at_.width}) return;
    PadStep step{{{0, 0, 0, 0}, 4}, {{0, 0, 0, 0}, 4}, value};
    const auto set = [&](int axis, int before, int total) {
      step.before.axes[static_cast<size_t>(axis)] = before;
      step.after.axes[static_cast<size_t>(axis)] = total - side(axis) - before;
      side(axis) = total;
    };
    set(height_axis(), top, size.height);
    set(width_axis(), left, size.width);
    push(step);
  }

  InputSpec at_;
  bool values_are_u8_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  std::vector<TensorStep> steps_;
};

}  // namespace

MatrixForm matrix_form(const WeightedSumStep& step, const Shape& input) {
  const auto axis = static_cast<size_t>(step.axis);
  int64_t outer = 1;
  int64_t inner = 1;
  for (size_t i = 0; i < axis; ++i) outer *= input.axes[i];
  for (size_t i = axis + 1; i < 4; ++i) inner *= input.axes[i];
  MatrixForm form;
  form.weights_first = inner > 1;
  form.flat = {outer, step.inputs};
  if (form.weights_first) form.flat.push_back(inner);
  form.result.assign(input.axes.begin(), input.axes.end());
  form.result[axis] = step.outputs;
  return form;
}

std::vector<TensorStep> lower(const PreprocGraph& graph, const InputSpec& slot) {
  output_spec(graph, slot);  // refuses what cannot be executed
  Lowering lowering(slot);
  for (const PreprocOp& op : graph.ops) std::visit(lowering, op);
  return std::move(lowering).steps();
}

}  // namespace smol
