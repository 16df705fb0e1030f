// A preprocessing graph as plain tensor operations, which every inference engine has: what a backend puts in front of
// a model for the operations below the cut (cut.h).
//
// All sizes are fixed, so a resize is two products with constant matrices. Their rows are the filter weights that the
// ReferenceExecutor uses: the same definition for every filter and convention, whatever the engine's own resize does.
// Where the graph works on u8 it is rounded as the FusedExecutor rounds, so that the answers stay the same.
#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace smol {

// Axes are those of a batch: 0 is the item, so height is 1 of NHWC and 2 of NCHW.
struct ToF32Step {};
struct RoundStep {  // to whole numbers, halves up, within the range
  float lowest;
  float highest;
};
enum class Arithmetic : uint8_t { kMultiply, kSubtract, kDivide };
struct ArithmeticStep {  // with one value a channel; `shape` broadcasts over the batch
  Arithmetic operation;
  std::vector<float> values;
  Shape shape;
};
// out[.., o, ..] = sum over i of weights[o * inputs + i] * in[.., i, ..] along an axis.
struct WeightedSumStep {
  int axis;
  int64_t inputs;
  int64_t outputs;
  std::vector<float> weights;
};
struct GatherStep {  // out[.., o, ..] = in[.., indices[o], ..]
  int axis;
  std::vector<int64_t> indices;
};
struct PadStep {  // constant, of the values that stand before it
  Shape before;
  Shape after;
  float value;
};
struct TransposeStep {
  std::array<int64_t, 4> permutation;
};

// A weighted sum as one product of matrices: reshape to `flat`, multiply (weights * x, or x * transposed weights if
// nothing stands behind the axis), reshape to `result`.
struct MatrixForm {
  bool weights_first = true;
  std::vector<int64_t> flat;
  std::vector<int64_t> result;
};
MatrixForm matrix_form(const WeightedSumStep& step, const Shape& input);

struct TensorStep {
  std::variant<ToF32Step, RoundStep, ArithmeticStep, WeightedSumStep, GatherStep, PadStep, TransposeStep> step;
  InputSpec output;  // what one item is behind it
};

// From `slot` to output_spec(graph, slot). Throws Error(kUsage) for what has no such form: conversions to u8 and f16.
std::vector<TensorStep> lower(const PreprocGraph& graph, const InputSpec& slot);

}  // namespace smol
