#include "smol/preproc/graph.h"

#include <fmt/format.h>

#include <cmath>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr int kMaxSide = 65535;  // no DNN input is larger; keeps every size of a chain far from overflow

[[noreturn]] void refuse(size_t index, const PreprocOp& op, std::string_view what) {
  throw Error(ErrorCode::kUsage,
              fmt::format("preprocessing operation {}: {}: {}", index + 1, what, to_text(PreprocGraph{{op}})));
}

// Walks the chain and remembers what every operation hands to the next.
class SpecChecker {
 public:
  SpecChecker() = default;
  explicit SpecChecker(const InputSpec& input)
      : size_{input.height, input.width}, dtype_(input.dtype), layout_(input.layout) {}

  void visit(size_t index, const PreprocOp& op) {
    index_ = index;
    op_ = &op;
    std::visit([this](const auto& each) { apply(each); }, op);
  }

  InputSpec result() const {
    if (size_ == Size{}) {
      throw Error(ErrorCode::kUsage,
                  "the preprocessing graph has no fixed output size: add an exact resize or a center_crop");
    }
    return {dtype_, layout_, size_.height, size_.width, 3};
  }

 private:
  void apply(const ResizeOp& op) {
    if (op.rule == ResizeRule::kShortSide) {
      require(op.short_side >= 1 && op.short_side <= kMaxSide, "short_side must be 1..65535");
      size_ = {};
    } else {
      require_size(op.size);
      size_ = op.size;
    }
  }
  void apply(const CenterCropOp& op) {
    require_size(op.size);
    size_ = op.size;
  }
  void apply(const PadOp& op) {
    require_size(op.size);
    require(size_ != Size{}, "pad needs a fixed size before it (an exact resize or a center_crop)");
    require(size_.height <= op.size.height && size_.width <= op.size.width,
            "pad cannot make a picture smaller; crop it instead");
    size_ = op.size;
  }
  void apply(const ReorderChannelsOp&) {}
  void apply(const ConvertOp& op) {
    require(op.dtype == DType::kF32, "only a conversion to f32 exists");
    require(dtype_ == DType::kU8, "the values are f32 already");
    dtype_ = DType::kF32;
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

  void require_size(Size size) {
    require(size.height >= 1 && size.height <= kMaxSide && size.width >= 1 && size.width <= kMaxSide,
            "height and width must be 1..65535");
  }
  void require(bool holds, std::string_view what) {
    if (!holds) refuse(index_, *op_, what);
  }

  size_t index_ = 0;
  const PreprocOp* op_ = nullptr;
  Size size_;  // {0, 0}: it depends on the picture
  DType dtype_ = DType::kU8;
  Layout layout_ = Layout::kHWC;
};

std::string text_of(const ResizeOp& op) {
  const std::string target = op.rule == ResizeRule::kShortSide ? fmt::format("short_side={}", op.short_side)
                                                               : fmt::format("{}x{}", op.size.height, op.size.width);
  return fmt::format("resize {} {}{}", target, op.filter == ResizeFilter::kBilinear ? "bilinear" : "bicubic",
                     op.antialias ? " antialias" : "");
}
std::string text_of(const CenterCropOp& op) {
  return fmt::format("center_crop {}x{}", op.size.height, op.size.width);
}
std::string text_of(const PadOp& op) {
  return fmt::format("pad {}x{} value={}{}", op.size.height, op.size.width, op.value, op.centred ? " centred" : "");
}
std::string text_of(const ReorderChannelsOp& op) {
  return op.order == ChannelOrder::kRgb ? "channels rgb" : "channels bgr";
}
std::string text_of(const ConvertOp& op) { return fmt::format("convert {}", name(op.dtype)); }
std::string text_of(const NormaliseOp& op) {
  return fmt::format("normalise scale={} mean={},{},{} std={},{},{}", op.scale, op.mean[0], op.mean[1], op.mean[2],
                     op.std[0], op.std[1], op.std[2]);
}
std::string text_of(const ReorderLayoutOp& op) { return fmt::format("layout {}", name(op.layout)); }

}  // namespace

namespace {

InputSpec result_of(const PreprocGraph& graph, SpecChecker checker) {
  for (size_t i = 0; i < graph.ops.size(); ++i) checker.visit(i, graph.ops[i]);
  return checker.result();
}

}  // namespace

InputSpec output_spec(const PreprocGraph& graph) { return result_of(graph, SpecChecker()); }
InputSpec output_spec(const PreprocGraph& graph, const InputSpec& input) {
  return result_of(graph, SpecChecker(input));
}

std::string to_text(const PreprocGraph& graph) {
  std::string text;
  for (const PreprocOp& op : graph.ops) {
    if (!text.empty()) text += " | ";
    text += std::visit([](const auto& each) { return text_of(each); }, op);
  }
  return text;
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
