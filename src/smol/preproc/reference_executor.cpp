#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "smol/base/error.h"
#include "smol/base/orient.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/placement.h"
#include "smol/preproc/resample_coefficients.h"

namespace smol {
namespace {

// HWC f32 with three channels.
struct Picture {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<float> values;

  Picture(int64_t rows, int64_t columns, float value = 0)
      : height(rows), width(columns), values(static_cast<size_t>(rows * columns * 3), value) {}
  float& at(int64_t y, int64_t x, int64_t c) { return values[static_cast<size_t>((y * width + x) * 3 + c)]; }
  float at(int64_t y, int64_t x, int64_t c) const { return values[static_cast<size_t>((y * width + x) * 3 + c)]; }
};

Picture upright_f32(ConstImageView rgb, Orientation orientation) {
  Image turned(oriented(rgb.size, orientation), 3);
  orient(rgb, orientation, turned.view());
  const ConstImageView pixels = std::as_const(turned).view();
  Picture out(pixels.size.height, pixels.size.width);
  for (int y = 0; y < pixels.size.height; ++y) {
    for (int i = 0; i < pixels.size.width * 3; ++i) out.at(y, 0, i) = pixels.row(y)[i];
  }
  return out;
}

AxisSampling whole_axis(int64_t input, int64_t output, const ResizeOp& op) {
  return {input, 0.0, static_cast<double>(input), output, op.filter, op.antialias};
}

Picture resize_width(const Picture& in, int64_t width, const ResizeOp& op) {
  ResampleCoefficients coefficients;
  coefficients.compute(whole_axis(in.width, width, op), 0, static_cast<int>(width));
  Picture out(in.height, width);
  for (int64_t y = 0; y < in.height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const TapRange taps = coefficients.range(static_cast<int>(x));
      const std::span<const double> weights = coefficients.weights(static_cast<int>(x));
      for (int64_t c = 0; c < 3; ++c) {
        double sum = 0;
        for (int i = 0; i < taps.count; ++i) sum += weights[static_cast<size_t>(i)] * in.at(y, taps.first + i, c);
        out.at(y, x, c) = static_cast<float>(sum);
      }
    }
  }
  return out;
}

Picture transposed(const Picture& in) {
  Picture out(in.width, in.height);
  for (int64_t y = 0; y < in.height; ++y) {
    for (int64_t x = 0; x < in.width; ++x) {
      for (int64_t c = 0; c < 3; ++c) out.at(x, y, c) = in.at(y, x, c);
    }
  }
  return out;
}

void clamp_to_u8_range(Picture& picture) {
  for (float& value : picture.values) value = std::clamp(value, 0.0f, 255.0f);
}

// Copies `in` to a canvas of the given value; (top, left) may be negative, what falls outside is lost.
Picture on_canvas(const Picture& in, Size size, int64_t top, int64_t left, float value) {
  Picture out(size.height, size.width, value);
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      if (y < top || y >= top + in.height || x < left || x >= left + in.width) continue;
      for (int64_t c = 0; c < 3; ++c) out.at(y, x, c) = in.at(y - top, x - left, c);
    }
  }
  return out;
}

// One operation after the other, as they are defined.
class Interpreter {
 public:
  explicit Interpreter(Picture picture) : picture_(std::move(picture)) {}
  const Picture& picture() const { return picture_; }

  void operator()(const ResizeOp& op) {
    const LargeSize size = resized_size(op, {picture_.height, picture_.width});
    picture_ = resize_width(picture_, size.width, op);
    if (is_u8_) clamp_to_u8_range(picture_);
    picture_ = transposed(resize_width(transposed(picture_), size.height, op));
    if (is_u8_) clamp_to_u8_range(picture_);
  }
  void operator()(const CenterCropOp& op) {
    const Size size = op.size;
    if (picture_.height < size.height || picture_.width < size.width) {
      const int64_t height = std::max<int64_t>(picture_.height, size.height);
      const int64_t width = std::max<int64_t>(picture_.width, size.width);
      picture_ = on_canvas(picture_, {static_cast<int>(height), static_cast<int>(width)},
                           (height - picture_.height) / 2, (width - picture_.width) / 2, 0.0f);
    }
    // std::nearbyint rounds halves to even.
    const double top = std::nearbyint(static_cast<double>(picture_.height - size.height) / 2.0);
    const double left = std::nearbyint(static_cast<double>(picture_.width - size.width) / 2.0);
    picture_ = on_canvas(picture_, size, -static_cast<int64_t>(top), -static_cast<int64_t>(left), 0.0f);
  }
  void operator()(const PadOp& op) {
    const int64_t top = op.centred ? (op.size.height - picture_.height) / 2 : 0;
    const int64_t left = op.centred ? (op.size.width - picture_.width) / 2 : 0;
    picture_ = on_canvas(picture_, op.size, top, left, op.value);
  }
  void operator()(const ReorderChannelsOp& op) {
    if (op.order == order_) return;
    order_ = op.order;
    for (size_t i = 0; i < picture_.values.size(); i += 3) std::swap(picture_.values[i], picture_.values[i + 2]);
  }
  void operator()(const ConvertOp&) { is_u8_ = false; }
  void operator()(const NormaliseOp& op) {
    for (size_t i = 0; i < picture_.values.size(); ++i) {
      picture_.values[i] = (picture_.values[i] * op.scale - op.mean[i % 3]) / op.std[i % 3];
    }
  }
  void operator()(const ReorderLayoutOp&) {}  // the tensor is written in the output's layout

 private:
  Picture picture_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  bool is_u8_ = true;
};

void write(const Picture& picture, const InputSpec& spec, TensorView out) {
  size_t at = 0;
  const auto put = [&](float value) {
    if (spec.dtype == DType::kF32) {
      out.f32()[at++] = value;
    } else {
      out.u8()[at++] = static_cast<uint8_t>(std::clamp(std::floor(value + 0.5f), 0.0f, 255.0f));
    }
  };
  if (spec.layout == Layout::kHWC) {
    for (const float value : picture.values) put(value);
    return;
  }
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t y = 0; y < picture.height; ++y) {
      for (int64_t x = 0; x < picture.width; ++x) put(picture.at(y, x, c));
    }
  }
}

}  // namespace

ReferenceExecutor::ReferenceExecutor(PreprocGraph graph) : graph_(std::move(graph)), output_(output_spec(graph_)) {}

void ReferenceExecutor::run(ConstImageView rgb, Orientation orientation, TensorView out) const {
  if (out.data == nullptr || out.dtype != output_.dtype || !(out.shape == output_.item_shape())) {
    throw Error(ErrorCode::kUsage, "the output tensor must have the shape and dtype of ReferenceExecutor::output()");
  }
  Interpreter interpreter(upright_f32(rgb, orientation));
  for (const PreprocOp& op : graph_.ops) std::visit(interpreter, op);
  write(interpreter.picture(), output_, out);
}

}  // namespace smol
