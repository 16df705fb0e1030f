#include <fmt/format.h>

#include "smol/preproc/graph.h"

namespace smol {
namespace {

std::string text_of(const ResizeOp& op) {
  std::string text = "resize ";
  switch (op.rule) {
    case ResizeRule::kShortSide: text += fmt::format("short_side={}", op.short_side); break;
    case ResizeRule::kLongSide: text += fmt::format("long_side={}", op.long_side); break;
    case ResizeRule::kExact: text += fmt::format("{}x{}", op.size.height, op.size.width); break;
  }
  text += fmt::format(" {}", name(op.filter));
  if (op.antialias && op.filter != ResizeFilter::kArea) text += " antialias";
  if (op.convention == ResizeConvention::kOpenCv) text += " opencv";
  if (op.mergeable) text += " mergeable";
  return text;
}
std::string text_of(const CenterCropOp& op) {
  return fmt::format("center_crop {}x{}", op.size.height, op.size.width);
}
std::string text_of(const CropOp& op) {
  return fmt::format("crop {}x{}{:+}{:+}", op.rect.height(), op.rect.width(), op.rect.top, op.rect.left);
}
std::string text_of(const PadOp& op) {
  return fmt::format("pad {}x{} value={}{}", op.size.height, op.size.width, op.value, op.centred ? " centred" : "");
}
std::string text_of(const FlipOp& op) {
  return std::string("flip") + (op.horizontal ? " horizontal" : "") + (op.vertical ? " vertical" : "");
}
std::string text_of(const ReorderChannelsOp& op) {
  return fmt::format("channels {}{}", name(op.order),
                     op.order == ChannelOrder::kGrey ? fmt::format(" {}", op.channels) : "");
}
std::string text_of(const ConvertOp& op) { return fmt::format("convert {}", name(op.dtype)); }
std::string text_of(const ScaleOp& op) { return fmt::format("scale {}", op.factor); }
std::string text_of(const NormaliseOp& op) {
  return fmt::format("normalise scale={} mean={},{},{} std={},{},{}", op.scale, op.mean[0], op.mean[1], op.mean[2],
                     op.std[0], op.std[1], op.std[2]);
}
std::string text_of(const ReorderLayoutOp& op) { return fmt::format("layout {}", name(op.layout)); }
std::string text_of(const CroppedResizeOp& op) {
  return fmt::format("{} of {} of {}", std::visit([](const auto& crop) { return text_of(crop); }, op.crop),
                     text_of(op.resize), op.in_decoder ? "decoded region" : "source region");
}
std::string text_of(const PointwiseOp& op) {
  return fmt::format("pointwise {} {} channels={},{},{} scale={:.6g},{:.6g},{:.6g} bias={:.6g},{:.6g},{:.6g}",
                     name(op.dtype), name(op.layout), op.source_channel[0], op.source_channel[1],
                     op.source_channel[2], op.scale[0], op.scale[1], op.scale[2], op.bias[0], op.bias[1], op.bias[2]);
}

}  // namespace

std::string_view name(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::kBilinear: return "bilinear";
    case ResizeFilter::kBicubic: return "bicubic";
    case ResizeFilter::kNearest: return "nearest";
    case ResizeFilter::kArea: return "area";
  }
  return "bilinear";
}

std::string_view name(ChannelOrder order) {
  switch (order) {
    case ChannelOrder::kRgb: return "rgb";
    case ChannelOrder::kBgr: return "bgr";
    case ChannelOrder::kGrey: return "grey";
  }
  return "rgb";
}

std::string to_text(const PreprocOp& op) {
  return std::visit([](const auto& each) { return text_of(each); }, op);
}

std::string to_text(const PreprocGraph& graph) {
  std::string text;
  for (const PreprocOp& op : graph.ops) {
    if (!text.empty()) text += " | ";
    text += to_text(op);
  }
  return text;
}

}  // namespace smol
