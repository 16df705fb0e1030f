#include "smol/preproc/graph.h"

#include <fmt/format.h>

#include <cmath>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr int kMaxSide = 65535;  // no DNN input is larger; keeps every size of a chain far from overflow

[[noreturn]] void refuse(size_t index, const PreprocOp& op, std::string_view what) {
  throw Error(ErrorCode::kUsage, fmt::format("preprocessing operation {}: {}: {}", index + 1, what, to_text(op)));
}

// Walks the chain and remembers what every operation hands to the next.
class SpecChecker {
 public:
  SpecChecker() = default;
  explicit SpecChecker(const InputSpec& input)
      : size_{input.height, input.width},
        bound_(size_),
        dtype_(input.dtype),
        layout_(input.layout),
        channels_(input.channels) {}

  void visit(size_t index, const PreprocOp& op) {
    index_ = index;
    op_ = &op;
    std::visit([this](const auto& each) { apply(each); }, op);
  }

  InputSpec result() const {
    if (size_ == Size{}) {
      throw Error(ErrorCode::kUsage,
                  "the preprocessing graph has no fixed output size: add an exact resize, a crop or a center_crop");
    }
    return {dtype_, layout_, size_.height, size_.width, channels_};
  }

 private:
  void apply(const ResizeOp& op) {
    require(dtype_ != DType::kF16, "resize works on u8 and f32");
    size_ = {};
    bound_ = {};
    if (op.rule == ResizeRule::kShortSide) {
      require(op.short_side >= 1 && op.short_side <= kMaxSide, "short_side must be 1..65535");
    } else if (op.rule == ResizeRule::kLongSide) {
      require(op.long_side >= 1 && op.long_side <= kMaxSide, "long_side must be 1..65535");
      bound_ = {op.long_side, op.long_side};
    } else {
      require_size(op.size);
      become(op.size);
    }
    if (op.filter == ResizeFilter::kNearest) require(!op.antialias, "nearest does not antialias");
    if (op.filter == ResizeFilter::kArea) require(op.antialias, "area averages: antialias must be true");
    if (op.filter == ResizeFilter::kBilinear || op.filter == ResizeFilter::kBicubic) {
      require(op.convention != ResizeConvention::kOpenCv || !op.antialias,
              "OpenCV's bilinear and bicubic do not antialias");
    }
  }
  void apply(const CenterCropOp& op) {
    require_size(op.size);
    become(op.size);
  }
  void apply(const CropOp& op) {
    const auto is_near = [](int edge) { return edge >= -kMaxSide && edge <= 2 * kMaxSide; };
    require(is_near(op.rect.top) && is_near(op.rect.left) && is_near(op.rect.bottom) && is_near(op.rect.right),
            "the rectangle is too far away");
    require_size(op.rect.size());
    become(op.rect.size());
  }
  void apply(const PadOp& op) {
    require_size(op.size);
    require(bound_ != Size{}, "pad needs a fixed size or a long_side resize before it");
    require(bound_.height <= op.size.height && bound_.width <= op.size.width,
            "pad cannot make a picture smaller; crop it instead");
    become(op.size);
  }
  void apply(const FlipOp&) {}
  void apply(const ReorderChannelsOp& op) {
    require(op.channels == 3 || (op.channels == 1 && op.order == ChannelOrder::kGrey),
            "only grey has another number of channels than 3: 1");
    require(!grey_ && channels_ == 3, "grey channels cannot be reordered");
    require(dtype_ != DType::kF16 || op.order != ChannelOrder::kGrey, "grey works on u8 and f32");
    channels_ = op.channels;
    grey_ = op.order == ChannelOrder::kGrey;
  }
  void apply(const ConvertOp& op) {
    require(dtype_ != op.dtype, fmt::format("the values are {} already", name(op.dtype)));
    require(dtype_ != DType::kF16, "nothing is converted back from f16");
    dtype_ = op.dtype;
  }
  void apply(const ScaleOp& op) {
    require(dtype_ == DType::kF32, "scale works on f32: put convert before it");
    require(std::isfinite(op.factor), "factor must be finite");
  }
  void apply(const NormaliseOp& op) {
    require(dtype_ == DType::kF32, "normalise works on f32: put convert before it");
    require(std::isfinite(op.scale), "scale must be finite");
    for (size_t channel = 0; channel < 3; ++channel) {
      require(std::isfinite(op.mean[channel]), "mean must be finite");
      require(std::isfinite(op.std[channel]) && op.std[channel] != 0.0f, "std must be finite and not 0");
    }
  }
  void apply(const ReorderLayoutOp& op) { layout_ = op.layout; }
  void apply(const CroppedResizeOp& op) {
    apply(op.resize);
    std::visit([this](const auto& crop) { apply(crop); }, op.crop);
  }
  void apply(const PointwiseOp& op) {
    require(dtype_ != DType::kF16, "nothing is computed from f16");
    for (size_t c = 0; c < 3; ++c) {
      require(op.source_channel[c] < 3 && std::isfinite(op.scale[c]) && std::isfinite(op.bias[c]),
              "a pointwise operation has three source channels and finite numbers");
    }
    dtype_ = op.dtype;
    layout_ = op.layout;
  }

  void become(Size size) { size_ = bound_ = size; }
  void require_size(Size size) {
    require(size.height >= 1 && size.height <= kMaxSide && size.width >= 1 && size.width <= kMaxSide,
            "height and width must be 1..65535");
  }
  void require(bool holds, std::string_view what) {
    if (!holds) refuse(index_, *op_, what);
  }

  size_t index_ = 0;
  const PreprocOp* op_ = nullptr;
  Size size_;   // {0, 0}: it depends on the picture
  Size bound_;  // what it cannot exceed; {0, 0}: unknown
  DType dtype_ = DType::kU8;
  Layout layout_ = Layout::kHWC;
  int channels_ = 3;
  bool grey_ = false;
};

InputSpec result_of(const PreprocGraph& graph, SpecChecker checker) {
  for (size_t i = 0; i < graph.ops.size(); ++i) checker.visit(i, graph.ops[i]);
  return checker.result();
}

}  // namespace

InputSpec output_spec(const PreprocGraph& graph) { return result_of(graph, SpecChecker()); }
InputSpec output_spec(const PreprocGraph& graph, const InputSpec& input) {
  return result_of(graph, SpecChecker(input));
}

PreprocGraph preset_graph(std::string_view preset, Size input) {
  NormaliseOp normalise;
  if (preset == "imagenet") {
    normalise = {1.0f / 255.0f, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
  } else if (preset == "tf") {
    normalise = {1.0f, {127.5f, 127.5f, 127.5f}, {127.5f, 127.5f, 127.5f}};
  } else if (preset != "raw") {
    throw Error(ErrorCode::kUsage, fmt::format("unknown preset: use imagenet, tf or raw: {}", preset));
  }

  PreprocGraph graph;
  ResizeOp resize;
  if (preset == "raw") {
    resize.rule = ResizeRule::kExact;
    resize.size = input;
    graph.ops = {resize, ConvertOp{}, ReorderLayoutOp{}};
  } else {
    resize.short_side = static_cast<int>(std::lround(input.short_side() / 0.875));
    graph.ops = {resize, CenterCropOp{input}, ConvertOp{}, normalise, ReorderLayoutOp{}};
  }
  output_spec(graph);  // refuses sizes that cannot be
  return graph;
}

}  // namespace smol
