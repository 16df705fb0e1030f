#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "smol/base/error.h"
#include "smol/base/half.h"
#include "smol/base/orient.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/placement.h"
#include "smol/preproc/reference_resize.h"

namespace smol {
namespace {

using Picture = ReferencePicture;

Picture upright_f32(ConstImageView rgb, Orientation orientation) {
  Image turned(oriented(rgb.size, orientation), 3);
  orient(rgb, orientation, turned.view());
  const ConstImageView pixels = std::as_const(turned).view();
  Picture out(pixels.size.height, pixels.size.width, 3);
  for (int y = 0; y < pixels.size.height; ++y) {
    for (int i = 0; i < pixels.size.width * 3; ++i) out.at(y, 0, i) = pixels.row(y)[i];
  }
  return out;
}

// Copies `in` to a canvas of the given value; (top, left) may be negative, what falls outside is lost.
Picture on_canvas(const Picture& in, Size size, int64_t top, int64_t left, float value) {
  Picture out(size.height, size.width, in.channels, value);
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      if (y < top || y >= top + in.height || x < left || x >= left + in.width) continue;
      for (int64_t c = 0; c < in.channels; ++c) out.at(y, x, c) = in.at(y - top, x - left, c);
    }
  }
  return out;
}

// One operation after the other, as they are defined.
class Interpreter {
 public:
  explicit Interpreter(Picture picture) : picture_(std::move(picture)) {}
  const Picture& picture() const { return picture_; }

  void operator()(const ResizeOp& op) { picture_ = reference_resize(picture_, op, dtype_ == DType::kU8); }
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
  void operator()(const CropOp& op) {
    picture_ = on_canvas(picture_, op.rect.size(), -op.rect.top, -op.rect.left, 0.0f);
  }
  void operator()(const PadOp& op) {
    const int64_t top = op.centred ? (op.size.height - picture_.height) / 2 : 0;
    const int64_t left = op.centred ? (op.size.width - picture_.width) / 2 : 0;
    picture_ = on_canvas(picture_, op.size, top, left, op.value);
  }
  void operator()(const FlipOp& op) {
    const Picture in = picture_;
    for (int64_t y = 0; y < in.height; ++y) {
      for (int64_t x = 0; x < in.width; ++x) {
        const int64_t from_y = op.vertical ? in.height - 1 - y : y;
        const int64_t from_x = op.horizontal ? in.width - 1 - x : x;
        for (int64_t c = 0; c < in.channels; ++c) picture_.at(y, x, c) = in.at(from_y, from_x, c);
      }
    }
  }
  void operator()(const ReorderChannelsOp& op) {
    if (op.order == ChannelOrder::kGrey) {
      to_grey(op.channels);
    } else if (op.order != order_) {
      order_ = op.order;
      for (size_t i = 0; i < picture_.values.size(); i += 3) std::swap(picture_.values[i], picture_.values[i + 2]);
    }
  }
  void operator()(const ConvertOp& op) { convert(op.dtype); }
  void operator()(const ScaleOp& op) {
    for (float& value : picture_.values) value *= op.factor;
  }
  void operator()(const NormaliseOp& op) {
    const auto channels = static_cast<size_t>(picture_.channels);
    for (size_t i = 0; i < picture_.values.size(); ++i) {
      const size_t c = i % channels;
      picture_.values[i] = (picture_.values[i] * op.scale - op.mean[c]) / op.std[c];
    }
  }
  void operator()(const ReorderLayoutOp&) {}  // the tensor is written in the output's layout
  void operator()(const CroppedResizeOp& op) {
    (*this)(op.resize);
    std::visit(*this, op.crop);
  }
  void operator()(const PointwiseOp& op) {
    const Picture in = picture_;
    for (int64_t y = 0; y < in.height; ++y) {
      for (int64_t x = 0; x < in.width; ++x) {
        for (int c = 0; c < in.channels; ++c) {
          const auto channel = static_cast<size_t>(c);
          const double value = in.at(y, x, op.source_channel[channel]);
          picture_.at(y, x, c) = static_cast<float>(value * op.scale[channel] + op.bias[channel]);
        }
      }
    }
    if (op.source_channel[0] == 2) order_ = order_ == ChannelOrder::kRgb ? ChannelOrder::kBgr : ChannelOrder::kRgb;
    convert(op.dtype);
  }

 private:
  void to_grey(int channels) {
    const Picture in = picture_;
    picture_ = Picture(in.height, in.width, channels);
    const bool bgr = order_ == ChannelOrder::kBgr;
    for (int64_t y = 0; y < in.height; ++y) {
      for (int64_t x = 0; x < in.width; ++x) {
        const double red = in.at(y, x, bgr ? 2 : 0);
        const double blue = in.at(y, x, bgr ? 0 : 2);
        const double grey = (19595.0 * red + 38470.0 * in.at(y, x, 1) + 7471.0 * blue) / 65536.0;
        for (int c = 0; c < channels; ++c) picture_.at(y, x, c) = static_cast<float>(grey);
      }
    }
  }
  void convert(DType dtype) {
    for (float& value : picture_.values) {
      if (dtype == DType::kU8 && dtype_ != DType::kU8) value = std::clamp(std::floor(value + 0.5f), 0.0f, 255.0f);
      if (dtype == DType::kF16) value = float_from_half(half_from_float(value));
    }
    dtype_ = dtype;
  }

  Picture picture_;
  ChannelOrder order_ = ChannelOrder::kRgb;
  DType dtype_ = DType::kU8;
};

void write(const Picture& picture, const InputSpec& spec, TensorView out) {
  size_t at = 0;
  const auto put = [&](float value) {
    if (spec.dtype == DType::kF32) {
      out.f32()[at++] = value;
    } else if (spec.dtype == DType::kF16) {
      out.f16()[at++] = half_from_float(value);
    } else {
      out.u8()[at++] = static_cast<uint8_t>(std::clamp(std::floor(value + 0.5f), 0.0f, 255.0f));
    }
  };
  if (spec.layout == Layout::kHWC) {
    for (const float value : picture.values) put(value);
    return;
  }
  for (int64_t c = 0; c < picture.channels; ++c) {
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
