#include "smol/infer/openvino_suffix.h"

#include <openvino/openvino.hpp>
#include <openvino/opsets/opset8.hpp>

#include "smol/preproc/tensor_program.h"

namespace smol {
namespace {

using ov::opset8::Constant;
using Value = ov::Output<ov::Node>;

std::shared_ptr<ov::Node> axes(std::span<const int64_t> values) {
  return Constant::create(ov::element::i64, {values.size()}, std::vector<int64_t>(values.begin(), values.end()));
}

// Appends the node of a step to `value`.
class Builder {
 public:
  explicit Builder(Value value) : value_(std::move(value)) {}
  const Value& value() const { return value_; }

  void operator()(const ToF32Step&) { set<ov::opset8::Convert>(value_, ov::element::f32); }
  void operator()(const RoundStep& step) {
    set<ov::opset8::Clamp>(value_, step.lowest, step.highest);
    set<ov::opset8::Add>(value_, Constant::create(ov::element::f32, {}, {0.5f}));  // Round differs below zero
    set<ov::opset8::Floor>(value_);
  }
  void operator()(const ArithmeticStep& step) {
    ov::Shape shape(step.shape.axes.begin(), step.shape.axes.end());
    const auto constant = Constant::create(ov::element::f32, shape, step.values);
    switch (step.operation) {
      case Arithmetic::kMultiply: return set<ov::opset8::Multiply>(value_, constant);
      case Arithmetic::kSubtract: return set<ov::opset8::Subtract>(value_, constant);
      case Arithmetic::kDivide: return set<ov::opset8::Divide>(value_, constant);
    }
  }
  void operator()(const WeightedSumStep& step) {
    const MatrixForm form = matrix_form(step, shape());
    const ov::Shape matrix{static_cast<size_t>(step.outputs), static_cast<size_t>(step.inputs)};
    const auto weights = Constant::create(ov::element::f32, matrix, step.weights);
    set<ov::opset8::Reshape>(value_, axes(form.flat), false);
    if (form.weights_first) {
      set<ov::opset8::MatMul>(weights, value_);
    } else {
      set<ov::opset8::MatMul>(value_, weights, false, true);
    }
    set<ov::opset8::Reshape>(value_, axes(form.result), false);
  }
  void operator()(const GatherStep& step) {
    const std::array<int64_t, 1> axis{step.axis};
    set<ov::opset8::Gather>(value_, axes(step.indices), axes(axis));
  }
  void operator()(const PadStep& step) {
    const auto fill = Constant::create(value_.get_element_type(), {}, {step.value});
    set<ov::opset8::Pad>(value_, axes(step.before.axes), axes(step.after.axes), fill, ov::op::PadMode::CONSTANT);
  }
  void operator()(const TransposeStep& step) { set<ov::opset8::Transpose>(value_, axes(step.permutation)); }

 private:
  template <typename Op, typename... Inputs>
  void set(Inputs&&... inputs) {
    value_ = std::make_shared<Op>(std::forward<Inputs>(inputs)...);
  }
  Shape shape() const {
    const ov::Shape& at = value_.get_shape();
    Shape result{{}, static_cast<int>(at.size())};
    std::copy(at.begin(), at.end(), result.axes.begin());
    return result;
  }

  Value value_;
};

}  // namespace

void put_in_front(ov::Model& model, const PreprocGraph& suffix, const InputSpec& slot, int64_t batch) {
  const Shape shape = slot.batch_shape(batch);
  const auto input =
      std::make_shared<ov::opset8::Parameter>(slot.dtype == DType::kU8 ? ov::element::u8 : ov::element::f32,
                                              ov::Shape(shape.axes.begin(), shape.axes.begin() + shape.rank));
  Builder builder(input);
  for (const TensorStep& step : lower(suffix, slot)) std::visit(builder, step.step);

  const std::shared_ptr<ov::opset8::Parameter> replaced = model.get_parameters().front();
  input->set_friendly_name(replaced->get_friendly_name());
  for (ov::Input<ov::Node> user : replaced->output(0).get_target_inputs())
    user.replace_source_output(builder.value());
  model.remove_parameter(replaced);
  model.add_parameters({input});
  model.validate_nodes_and_infer_types();
}

}  // namespace smol
