#include "smol/preproc/stepwise_executor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/base/orient.h"
#include "smol/preproc/placement.h"

namespace smol {
namespace {

template <typename... Ops>
bool is_one_of(const PreprocOp& op) {
  return (std::holds_alternative<Ops>(op) || ...);
}

}  // namespace

StepwiseExecutor::StepwiseExecutor(PreprocGraph graph) : graph_(std::move(graph)), operation_ns_(graph_.ops.size()) {
  const InputSpec output = output_spec(graph_);
  bool known = output.dtype == DType::kF32 && output.layout == Layout::kCHW && output.channels == 3 &&
               is_one_of<ReorderLayoutOp>(graph_.ops.back());
  for (const PreprocOp& op : graph_.ops) {
    known &= is_one_of<ResizeOp, CenterCropOp, ConvertOp, NormaliseOp, ReorderChannelsOp, ReorderLayoutOp>(op);
  }
  if (!known) throw Error(ErrorCode::kUsage, "the stepwise executor cannot run " + to_text(graph_));
}

void StepwiseExecutor::run(ConstImageView rgb, Orientation orientation, TensorView out) {
  u8_ = rgb;
  if (orientation != Orientation::kUpright) {
    turned_.resize(oriented(rgb.size, orientation), 3);
    orient(rgb, orientation, turned_.view());
    u8_ = std::as_const(turned_).view();
  }
  out_ = out;
  order_ = ChannelOrder::kRgb;
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    const int64_t start = thread_cpu_ns();
    std::visit(
        [this](const auto& op) {
          if constexpr (requires { apply(op); }) apply(op);
        },
        graph_.ops[i]);
    operation_ns_[i] += thread_cpu_ns() - start;
  }
}

void StepwiseExecutor::apply(const ResizeOp& op) {
  const LargeSize large = resized_size(op, {u8_.size.height, u8_.size.width});
  const Size size{static_cast<int>(large.height), static_cast<int>(large.width)};
  auto found =
      std::find_if(resizers_.begin(), resizers_.end(), [&](const Resizer& each) { return each.size == size; });
  if (found == resizers_.end()) {
    ResizeOp exact = op;
    exact.rule = ResizeRule::kExact;
    exact.size = size;
    resizers_.push_back({size, std::make_unique<FusedExecutor>(PreprocGraph{{exact}})});
    found = resizers_.end() - 1;
  }
  resized_.resize(size, 3);
  const ImageView to = resized_.view();
  found->executor->run(u8_, Orientation::kUpright,
                       {DType::kU8, found->executor->output().item_shape(), reinterpret_cast<std::byte*>(to.data)});
  u8_ = std::as_const(resized_).view();
}

void StepwiseExecutor::apply(const CenterCropOp& op) {
  if (u8_.size.height < op.size.height || u8_.size.width < op.size.width) {
    throw Error(ErrorCode::kUsage, "the stepwise executor cannot pad: the picture is smaller than the crop");
  }
  const auto top = static_cast<int>(center_crop_offset(u8_.size.height, op.size.height));
  const auto left = static_cast<int>(center_crop_offset(u8_.size.width, op.size.width));
  cropped_.resize(op.size, 3);
  const ImageView to = cropped_.view();
  for (int y = 0; y < op.size.height; ++y) {
    std::memcpy(to.row(y), u8_.row(top + y) + ptrdiff_t{left} * 3, static_cast<size_t>(op.size.width) * 3);
  }
  u8_ = std::as_const(cropped_).view();
}

void StepwiseExecutor::apply(const ConvertOp&) {
  count_ = static_cast<size_t>(u8_.size.pixels()) * 3;
  values_.ensure(count_ * sizeof(float));
  auto* to = reinterpret_cast<float*>(values_.data());
  for (int y = 0; y < u8_.size.height; ++y, to += ptrdiff_t{u8_.size.width} * 3) {
    const uint8_t* from = u8_.row(y);
    for (int i = 0; i < u8_.size.width * 3; ++i) to[i] = from[i];
  }
}

void StepwiseExecutor::apply(const NormaliseOp& op) {
  auto* pixel = reinterpret_cast<float*>(values_.data());
  for (const float* end = pixel + count_; pixel != end; pixel += 3) {
    for (size_t c = 0; c < 3; ++c) pixel[c] = (pixel[c] * op.scale - op.mean[c]) / op.std[c];
  }
}

void StepwiseExecutor::apply(const ReorderChannelsOp& op) {
  if (op.order == order_) return;
  order_ = op.order;
  auto* pixel = reinterpret_cast<float*>(values_.data());
  for (const float* end = pixel + count_; pixel != end; pixel += 3) std::swap(pixel[0], pixel[2]);
}

void StepwiseExecutor::apply(const ReorderLayoutOp&) {
  const auto* from = reinterpret_cast<const float*>(values_.data());
  const size_t plane = count_ / 3;
  for (size_t i = 0; i < plane; ++i) {
    for (size_t c = 0; c < 3; ++c) out_.f32()[c * plane + i] = from[3 * i + c];
  }
}

}  // namespace smol
