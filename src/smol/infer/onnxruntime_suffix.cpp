#include "smol/infer/onnxruntime_suffix.h"

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>

#include <cstring>
#include <numeric>

#include "smol/base/error.h"
#include "smol/preproc/tensor_program.h"

namespace smol {
namespace {

constexpr const char* kOnnxDomain = "";
// From this opset on, the operators below take their parameters as they are given here.
constexpr int kOldestOpset = 13;

Shape behind(const WeightedSumStep& step, Shape shape) {
  shape.axes[static_cast<size_t>(step.axis)] = step.outputs;
  return shape;
}

// Adds the nodes of the steps to a graph, one behind the other; the last one gives `output`.
class Builder {
 public:
  Builder(Ort::Graph& graph, std::string input, Shape shape, DType dtype)
      : graph_(graph), value_(std::move(input)), shape_(shape), dtype_(dtype) {}

  const std::string& value() const { return value_; }

  void operator()(const ToF32Step&) {
    dtype_ = DType::kF32;
    cast_to(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }
  void operator()(const RoundStep& step) {
    node("Clip", {value_, scalar(step.lowest), scalar(step.highest)});
    node("Add", {value_, scalar(0.5f)});  // Round takes halves to the even number
    node("Floor", {value_});
  }
  void operator()(const ArithmeticStep& step) {
    const std::vector<int64_t> shape(step.shape.axes.begin(), step.shape.axes.end());
    const std::string constant = tensor<float>(step.values, shape);
    switch (step.operation) {
      case Arithmetic::kMultiply: return node("Mul", {value_, constant});
      case Arithmetic::kSubtract: return node("Sub", {value_, constant});
      case Arithmetic::kDivide: return node("Div", {value_, constant});
    }
  }
  void operator()(const WeightedSumStep& step) {
    const MatrixForm form = matrix_form(step, shape_);
    node("Reshape", {value_, integers(form.flat)});
    if (form.weights_first) {
      node("MatMul", {tensor<float>(step.weights, {step.outputs, step.inputs}), value_});
    } else {
      node("MatMul", {value_, tensor<float>(transposed(step), {step.inputs, step.outputs})});
    }
    node("Reshape", {value_, integers(form.result)});
    shape_ = behind(step, shape_);
  }
  void operator()(const GatherStep& step) {
    node("Gather", {value_, integers(step.indices)}, one_attribute("axis", int64_t{step.axis}));
    shape_.axes[static_cast<size_t>(step.axis)] = static_cast<int64_t>(step.indices.size());
  }
  void operator()(const PadStep& step) {
    std::vector<int64_t> pads(step.before.axes.begin(), step.before.axes.end());
    pads.insert(pads.end(), step.after.axes.begin(), step.after.axes.end());
    const std::string fill = dtype_ == DType::kF32 ? scalar(step.value) : scalar(static_cast<uint8_t>(step.value));
    node("Pad", {value_, integers(pads), fill});
    for (size_t axis = 0; axis < 4; ++axis) shape_.axes[axis] += step.before.axes[axis] + step.after.axes[axis];
  }
  void operator()(const TransposeStep& step) {
    std::vector<Ort::OpAttr> attributes;
    attributes.emplace_back("perm", step.permutation.data(), static_cast<int>(step.permutation.size()),
                            ORT_OP_ATTR_INTS);
    node("Transpose", {value_}, std::move(attributes));
    const Shape before = shape_;
    for (size_t axis = 0; axis < 4; ++axis)
      shape_.axes[axis] = before.axes[static_cast<size_t>(step.permutation[axis])];
  }

  // The model's own nodes read their input by this name.
  void finish(const std::string& name) {
    Ort::Node identity("Identity", kOnnxDomain, fresh("node"), {value_}, {name});
    graph_.AddNode(identity);
  }

 private:
  void node(const char* type, const std::vector<std::string>& inputs, std::vector<Ort::OpAttr> attributes = {}) {
    const std::string output = fresh("value");
    Ort::Node made(type, kOnnxDomain, fresh("node"), inputs, {output}, attributes);
    graph_.AddNode(made);
    value_ = output;
  }
  void cast_to(int64_t type) { node("Cast", {value_}, one_attribute("to", type)); }

  static std::vector<Ort::OpAttr> one_attribute(const char* name, int64_t value) {
    std::vector<Ort::OpAttr> attributes;
    attributes.emplace_back(name, &value, 1, ORT_OP_ATTR_INT);
    return attributes;
  }

  template <typename T>
  std::string tensor(std::span<const T> values, const std::vector<int64_t>& shape) {
    Ort::AllocatorWithDefaultOptions allocator;
    Ort::Value constant = Ort::Value::CreateTensor<T>(allocator, shape.data(), shape.size());
    std::memcpy(constant.template GetTensorMutableData<T>(), values.data(), values.size_bytes());
    const std::string name = fresh("constant");
    graph_.AddInitializer(name, constant, false);
    return name;
  }
  template <typename T>
  std::string scalar(T value) {
    return tensor<T>(std::span<const T>(&value, 1), {});
  }
  std::string integers(const std::vector<int64_t>& values) {
    return tensor<int64_t>(values, {static_cast<int64_t>(values.size())});
  }
  static std::vector<float> transposed(const WeightedSumStep& step) {
    std::vector<float> weights(step.weights.size());
    for (int64_t o = 0; o < step.outputs; ++o) {
      for (int64_t i = 0; i < step.inputs; ++i)
        weights[static_cast<size_t>(i * step.outputs + o)] = step.weights[static_cast<size_t>(o * step.inputs + i)];
    }
    return weights;
  }
  std::string fresh(const char* what) { return fmt::format("smol_suffix_{}_{}", what, counter_++); }

  Ort::Graph& graph_;
  std::string value_;
  Shape shape_;
  DType dtype_;
  int counter_ = 0;
};

}  // namespace

Ort::Session session_with_suffix(const Ort::Env& env, const std::string& file, const Ort::SessionOptions& options,
                                 const std::string& input_name, const PreprocGraph& suffix, const InputSpec& slot,
                                 int64_t batch) {
  Ort::Session session = Ort::Session::CreateModelEditorSession(env, file.c_str(), options);
  const int opset = session.GetOpset(kOnnxDomain);
  if (opset < kOldestOpset) {
    throw Error(
        ErrorCode::kUsage,
        fmt::format("onnxruntime: operations below the cut need a model of opset {} or newer: convert it, or leave "
                    "all on the CPU (opset {}): {}",
                    kOldestOpset, opset, file));
  }
  Ort::Graph graph;
  const Shape shape = slot.batch_shape(batch);
  const std::string slot_name = "smol_slot";
  const Ort::TensorTypeAndShapeInfo type(
      slot.dtype == DType::kU8 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
      {shape.axes.begin(), shape.axes.begin() + shape.rank});
  const Ort::TypeInfo type_info = Ort::TypeInfo::CreateTensorInfo(type.GetConst());
  std::vector<Ort::ValueInfo> inputs;
  inputs.emplace_back(slot_name, type_info.GetConst());
  graph.SetInputs(inputs);
  Builder builder(graph, slot_name, shape, slot.dtype);
  for (const TensorStep& step : lower(suffix, slot)) std::visit(builder, step.step);
  builder.finish(input_name);
  Ort::Model addition({{kOnnxDomain, opset}});
  addition.AddGraph(graph);
  session.FinalizeModelEditorSession(addition, options);
  return session;
}

}  // namespace smol
