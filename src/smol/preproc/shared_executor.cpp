#include "smol/preproc/shared_executor.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "smol/base/error.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/optimiser.h"

namespace smol {
namespace {

bool is_per_value(const PreprocOp& op) {
  const auto* reorder = std::get_if<ReorderChannelsOp>(&op);
  return std::holds_alternative<PointwiseOp>(op) || std::holds_alternative<ConvertOp>(op) ||
         std::holds_alternative<ScaleOp>(op) || std::holds_alternative<NormaliseOp>(op) ||
         std::holds_alternative<ReorderLayoutOp>(op) || (reorder != nullptr && reorder->channels == 3);
}

// The graph in two: what makes u8 pixels of a fixed size, and what is done to their values.
struct SplitGraph {
  PreprocGraph pixels;
  PreprocGraph values;
};

std::optional<SplitGraph> split(const PreprocGraph& graph) {
  size_t first_value_op = graph.ops.size();
  while (first_value_op > 0 && is_per_value(graph.ops[first_value_op - 1])) --first_value_op;
  const auto middle = graph.ops.begin() + static_cast<ptrdiff_t>(first_value_op);
  SplitGraph parts{{{graph.ops.begin(), middle}}, {{middle, graph.ops.end()}}};
  if (first_value_op == 0) return std::nullopt;  // no fixed size before the values
  const InputSpec spec = output_spec(parts.pixels);
  if (spec.dtype != DType::kU8 || spec.layout != Layout::kHWC || spec.channels != 3) return std::nullopt;
  parts.values.ops.insert(parts.values.ops.begin(), CenterCropOp{{spec.height, spec.width}});  // fixes the size
  return parts;
}

Rect union_of(const Rect& a, const Rect& b) {
  return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

// What one executor makes of the strips, and who takes it.
struct Pass {
  FusedExecutor executor;
  std::vector<size_t> sinks;          // of a pass without `values`: all get the same tensor
  std::vector<FusedExecutor> values;  // one a sink: from `pixels` to the sink's tensor
  Image pixels;
  TensorView made;      // what the executor writes: `pixels`, or the tensor of a sink
  bool wanted = false;  // by the picture at hand
  bool done = false;
};

TensorView tensor_of(Image& image) {
  return {
      DType::kU8, {{image.size().height, image.size().width, 3}, 3}, reinterpret_cast<std::byte*>(image.view().data)};
}

}  // namespace

struct SharedExecutor::Impl {
  std::vector<InputSpec> outputs;
  std::vector<Pass> passes;
  std::vector<TensorView> outs;

  void add_passes(const std::vector<PreprocGraph>& graphs);
};

void SharedExecutor::Impl::add_passes(const std::vector<PreprocGraph>& graphs) {
  std::vector<bool> taken(graphs.size(), false);
  for (size_t i = 0; i < graphs.size(); ++i) {
    if (taken[i]) continue;
    const std::optional<SplitGraph> parts = split(graphs[i]);
    std::vector<size_t> sinks{i};
    std::vector<PreprocGraph> values;
    if (parts) values.push_back(parts->values);
    bool all_equal = true;
    for (size_t other = i + 1; other < graphs.size(); ++other) {
      if (taken[other]) continue;
      const std::optional<SplitGraph> others = split(graphs[other]);
      const bool equal = graphs[other] == graphs[i];
      if (!equal && !(parts && others && others->pixels == parts->pixels)) continue;
      all_equal = all_equal && equal;
      taken[other] = true;
      sinks.push_back(other);
      if (others) values.push_back(others->values);
    }
    if (all_equal) {
      passes.push_back({FusedExecutor(graphs[i]), std::move(sinks), {}, {}, {}});
      continue;
    }
    passes.push_back({FusedExecutor(parts->pixels), std::move(sinks), {}, {}, {}});
    for (const PreprocGraph& each : values) passes.back().values.emplace_back(each);
    const InputSpec spec = output_spec(parts->pixels);
    passes.back().pixels.resize({spec.height, spec.width}, 3);
  }
}

SharedExecutor::SharedExecutor(std::span<const PreprocGraph> graphs) : impl_(std::make_unique<Impl>()) {
  std::vector<PreprocGraph> optimised;
  for (const PreprocGraph& graph : graphs) {
    impl_->outputs.push_back(output_spec(graph));
    optimised.push_back(optimise(graph).best());
  }
  impl_->add_passes(optimised);
}
SharedExecutor::~SharedExecutor() = default;
SharedExecutor::SharedExecutor(SharedExecutor&&) noexcept = default;
SharedExecutor& SharedExecutor::operator=(SharedExecutor&&) noexcept = default;

size_t SharedExecutor::size() const { return impl_->outputs.size(); }
const InputSpec& SharedExecutor::output(size_t graph) const { return impl_->outputs[graph]; }
size_t SharedExecutor::passes() const { return impl_->passes.size(); }

void SharedExecutor::begin(const DecodedGeometry& decoded, Orientation orientation,
                           std::span<const TensorView> outs) {
  Impl& impl = *impl_;
  if (outs.size() != impl.outputs.size()) throw Error(ErrorCode::kUsage, "SharedExecutor needs a tensor a graph");
  for (size_t i = 0; i < outs.size(); ++i) {
    if (outs[i].data == nullptr) continue;
    if (outs[i].dtype != impl.outputs[i].dtype || !(outs[i].shape == impl.outputs[i].item_shape())) {
      throw Error(ErrorCode::kUsage, "a tensor must have the shape and dtype of SharedExecutor::output()");
    }
  }
  impl.outs.assign(outs.begin(), outs.end());
  for (Pass& pass : impl.passes) {
    const auto wanted = std::find_if(pass.sinks.begin(), pass.sinks.end(),
                                     [&](size_t sink) { return impl.outs[sink].data != nullptr; });
    pass.wanted = wanted != pass.sinks.end();
    pass.done = !pass.wanted;
    if (!pass.wanted) continue;
    pass.made = pass.values.empty() ? impl.outs[*wanted] : tensor_of(pass.pixels);
    pass.executor.begin(decoded, orientation, pass.made);
  }
}

bool SharedExecutor::push(const Strip& strip) {
  bool all_done = true;
  for (Pass& pass : impl_->passes) {
    if (!pass.done) pass.done = pass.executor.push(strip);
    all_done = all_done && pass.done;
  }
  return all_done;
}

void SharedExecutor::finish() {
  Impl& impl = *impl_;
  for (Pass& pass : impl.passes) {
    if (!pass.wanted) continue;
    pass.executor.finish();
    for (size_t i = 0; i < pass.sinks.size(); ++i) {
      const TensorView& out = impl.outs[pass.sinks[i]];
      if (out.data == nullptr || out.data == pass.made.data) continue;
      if (pass.values.empty()) {
        std::memcpy(out.data, pass.made.data, pass.made.bytes());
      } else {
        pass.values[i].run(std::as_const(pass.pixels).view(), Orientation::kUpright, out);
      }
    }
  }
}

Rect SharedExecutor::needed_source_rect(Size displayed, Orientation orientation, int scale_denominator) const {
  std::optional<Rect> all;
  for (const Pass& pass : impl_->passes) {
    const Rect needed = pass.executor.needed_source_rect(displayed, orientation, scale_denominator);
    all = all ? union_of(*all, needed) : needed;
  }
  return all.value_or(Rect{0, 0, 1, 1});
}

}  // namespace smol
