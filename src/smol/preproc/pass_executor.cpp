#include "smol/preproc/pass_executor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "smol/base/clock.h"
#include "smol/base/orient.h"
#include "smol/preproc/reference_resize.h"

namespace smol {
namespace {

// Where the crop lies in a picture of size `full`; nothing if it would have to pad.
std::optional<Rect> rect_of(const PreprocOp& crop, LargeSize full) {
  Rect rect;
  if (const auto* centred = std::get_if<CenterCropOp>(&crop)) {
    if (full.height < centred->size.height || full.width < centred->size.width) return std::nullopt;
    rect.top = static_cast<int>(center_crop_offset(full.height, centred->size.height));
    rect.left = static_cast<int>(center_crop_offset(full.width, centred->size.width));
    rect.bottom = rect.top + centred->size.height;
    rect.right = rect.left + centred->size.width;
  } else {
    rect = std::get<CropOp>(crop).rect;
  }
  const bool inside = rect.top >= 0 && rect.left >= 0 && rect.bottom <= full.height && rect.right <= full.width;
  return inside ? std::optional(rect) : std::nullopt;
}

PreprocOp as_op(const std::variant<CenterCropOp, CropOp>& crop) {
  return std::visit([](const auto& each) { return PreprocOp(each); }, crop);
}

}  // namespace

PassExecutor::PassExecutor(PreprocGraph graph)
    : graph_(std::move(graph)), output_(output_spec(graph_)), operation_ns_(graph_.ops.size()) {}

bool PassExecutor::run(ConstImageView rgb, Orientation orientation, TensorView out) {
  int64_t start = thread_cpu_ns();
  out_ = out;
  u8_ = rgb;
  if (orientation != Orientation::kUpright) {
    turned_.resize(oriented(rgb.size, orientation), 3);
    orient(rgb, orientation, turned_.view());
    u8_ = std::as_const(turned_).view();
  }
  size_ = {u8_.size.height, u8_.size.width};
  is_u8_ = true;
  order_ = ChannelOrder::kRgb;
  for (size_t i = 0; i < graph_.ops.size(); ++i) {
    if (!pass(i)) return false;
    if (i + 1 == graph_.ops.size() && !is_u8_) write_f32();
    const int64_t end = thread_cpu_ns();
    operation_ns_[i] = end - start;
    start = end;
  }
  return true;
}

bool PassExecutor::pass(size_t index) {
  const PreprocOp& op = graph_.ops[index];
  if (const auto* reorder = std::get_if<ReorderChannelsOp>(&op)) {
    if (reorder->order == ChannelOrder::kGrey) return false;
    const bool swaps = reorder->order != order_;
    order_ = reorder->order;
    const PointwiseOp swap{is_u8_ ? DType::kU8 : DType::kF32, Layout::kHWC, {2, 1, 0}};
    const PointwiseOp copy{swap.dtype};
    if (is_u8_) return u8_pass(index, swaps ? swap : copy);
    return !swaps || f32_pass(swap);
  }
  if (const auto* pointwise = std::get_if<PointwiseOp>(&op);
      pointwise != nullptr && pointwise->source_channel[0] == 2) {
    order_ = order_ == ChannelOrder::kRgb ? ChannelOrder::kBgr : ChannelOrder::kRgb;
  }
  return is_u8_ ? u8_pass(index, op) : f32_pass(op);
}

// The operation alone, on pictures as large as this one; the last of a graph has the output's layout, others HWC.
FusedExecutor& PassExecutor::u8_executor(size_t index, const PreprocOp& op) {
  for (const U8Pass& known : u8_passes_) {
    if (known.index == index && known.size == u8_.size) return *known.executor;
  }
  PreprocGraph one{{CenterCropOp{u8_.size}, op}};  // a graph has to fix its size
  if (const auto* resize = std::get_if<ResizeOp>(&op)) {
    const LargeSize large = resized_size(*resize, size_);
    ResizeOp exact = *resize;
    exact.rule = ResizeRule::kExact;
    exact.size = {static_cast<int>(large.height), static_cast<int>(large.width)};
    one.ops = {exact};
  } else if (std::holds_alternative<CroppedResizeOp>(op) || std::holds_alternative<CenterCropOp>(op) ||
             std::holds_alternative<CropOp>(op)) {
    one.ops = {op};
  }
  one.ops.emplace_back(ReorderLayoutOp{index + 1 == graph_.ops.size() ? output_.layout : Layout::kHWC});
  u8_passes_.push_back({index, u8_.size, std::make_unique<FusedExecutor>(one)});
  return *u8_passes_.back().executor;
}

bool PassExecutor::u8_pass(size_t index, const PreprocOp& op) {
  FusedExecutor& executor = u8_executor(index, op);
  const InputSpec& spec = executor.output();
  if (spec.dtype == DType::kF16) return false;
  size_ = {spec.height, spec.width};
  const bool last = index + 1 == graph_.ops.size();
  if (last) {
    executor.run(u8_, Orientation::kUpright, out_);
  } else if (spec.dtype == DType::kF32) {
    f32_.resize(static_cast<size_t>(spec.item_shape().elements()));
    executor.run(u8_, Orientation::kUpright,
                 {DType::kF32, spec.item_shape(), reinterpret_cast<std::byte*>(f32_.data())});
    is_u8_ = false;
  } else {
    scratch_.resize({spec.height, spec.width}, 3);
    executor.run(u8_, Orientation::kUpright,
                 {DType::kU8, spec.item_shape(), reinterpret_cast<std::byte*>(scratch_.view().data)});
    std::swap(made_, scratch_);
    u8_ = std::as_const(made_).view();
  }
  return true;
}

bool PassExecutor::f32_pass(const PreprocOp& op) {
  if (const auto* resize = std::get_if<ResizeOp>(&op)) {
    resize_f32(*resize, resized_size(*resize, size_), 0, 0);
    return true;
  }
  if (const auto* cropped = std::get_if<CroppedResizeOp>(&op)) {
    const std::optional<Rect> rect = rect_of(as_op(cropped->crop), resized_size(cropped->resize, size_));
    if (!rect) return false;
    resize_f32(cropped->resize, {rect->height(), rect->width()}, rect->top, rect->left);
    return true;
  }
  if (std::holds_alternative<CenterCropOp>(op) || std::holds_alternative<CropOp>(op)) {
    const std::optional<Rect> rect = rect_of(op, size_);
    if (!rect) return false;
    crop_f32(rect->size(), rect->top, rect->left);
    return true;
  }
  if (const auto* scale = std::get_if<ScaleOp>(&op)) {
    for (float& value : f32_) value *= scale->factor;
    return true;
  }
  if (const auto* normalise = std::get_if<NormaliseOp>(&op)) {
    for (size_t i = 0; i < f32_.size(); i += 3) {
      for (size_t c = 0; c < 3; ++c)
        f32_[i + c] = (f32_[i + c] * normalise->scale - normalise->mean[c]) / normalise->std[c];
    }
    return true;
  }
  if (std::holds_alternative<ReorderLayoutOp>(op)) return true;  // when `out` is written
  const auto* pointwise = std::get_if<PointwiseOp>(&op);
  if (pointwise == nullptr || pointwise->dtype != DType::kF32) return false;
  pointwise_f32(*pointwise);
  return true;
}

void PassExecutor::pointwise_f32(const PointwiseOp& op) {
  std::array<float, 3> scale{};
  std::array<float, 3> bias{};
  for (size_t c = 0; c < 3; ++c) {
    scale[c] = static_cast<float>(op.scale[c]);
    bias[c] = static_cast<float>(op.bias[c]);
  }
  for (size_t i = 0; i < f32_.size(); i += 3) {
    const std::array<float, 3> in{f32_[i], f32_[i + 1], f32_[i + 2]};
    for (size_t c = 0; c < 3; ++c) f32_[i + c] = in[op.source_channel[c]] * scale[c] + bias[c];
  }
}

void PassExecutor::write_f32() {
  if (output_.layout == Layout::kHWC) {
    std::memcpy(out_.data, f32_.data(), f32_.size() * sizeof(float));
    return;
  }
  const size_t plane = f32_.size() / 3;
  for (size_t i = 0; i < plane; ++i) {
    for (size_t c = 0; c < 3; ++c) out_.f32()[c * plane + i] = f32_[3 * i + c];
  }
}

void PassExecutor::crop_f32(Size size, int64_t top, int64_t left) {
  f32_scratch_.resize(static_cast<size_t>(size.pixels()) * 3);
  const size_t row = static_cast<size_t>(size.width) * 3;
  for (int y = 0; y < size.height; ++y) {
    std::memcpy(f32_scratch_.data() + static_cast<size_t>(y) * row,
                f32_.data() + static_cast<size_t>(((top + y) * size_.width + left) * 3), row * sizeof(float));
  }
  std::swap(f32_, f32_scratch_);
  size_ = {size.height, size.width};
}

// The window at (top, left) of the resized picture: horizontally for the rows that it needs, then vertically.
void PassExecutor::resize_f32(const ResizeOp& op, LargeSize window, int64_t top, int64_t left) {
  const LargeSize full = resized_size(op, size_);
  const bool both_shrink = full.height <= size_.height && full.width <= size_.width;
  const std::vector<ReferenceTaps> across = reference_taps(size_.width, full.width, op, both_shrink);
  const std::vector<ReferenceTaps> down = reference_taps(size_.height, full.height, op, both_shrink);
  int64_t first = size_.height;
  int64_t end = 0;
  for (int64_t y = top; y < top + window.height; ++y) {
    for (const ReferenceTap& tap : down[static_cast<size_t>(y)]) {
      first = std::min(first, tap.pixel);
      end = std::max(end, tap.pixel + 1);
    }
  }
  const auto row_values = static_cast<size_t>(window.width * 3);
  f32_scratch_.assign(static_cast<size_t>(end - first) * row_values, 0.0f);
  for (int64_t y = first; y < end; ++y) {
    const float* in = f32_.data() + static_cast<size_t>(y * size_.width * 3);
    float* out = f32_scratch_.data() + static_cast<size_t>(y - first) * row_values;
    for (int64_t x = 0; x < window.width; ++x, out += 3) {
      for (const ReferenceTap& tap : across[static_cast<size_t>(left + x)]) {
        const auto weight = static_cast<float>(tap.weight);
        for (int c = 0; c < 3; ++c) out[c] += weight * in[tap.pixel * 3 + c];
      }
    }
  }
  f32_.assign(static_cast<size_t>(window.height) * row_values, 0.0f);
  for (int64_t y = 0; y < window.height; ++y) {
    float* out = f32_.data() + static_cast<size_t>(y) * row_values;
    for (const ReferenceTap& tap : down[static_cast<size_t>(top + y)]) {
      const float* in = f32_scratch_.data() + static_cast<size_t>(tap.pixel - first) * row_values;
      const auto weight = static_cast<float>(tap.weight);
      for (size_t i = 0; i < row_values; ++i) out[i] += weight * in[i];
    }
  }
  size_ = window;
}

}  // namespace smol
