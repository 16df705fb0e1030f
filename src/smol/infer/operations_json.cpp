#include "smol/infer/operations_json.h"

#include <fmt/format.h>

#include <cmath>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr const char* kOperations =
    "must be one of resize, center_crop, crop, pad, flip, reorder_channels, convert, scale, normalise, "
    "reorder_layout";

ResizeOp parse_resize(const ObjectReader& op) {
  op.allow_only(
      {"op", "short_side", "long_side", "height", "width", "filter", "antialias", "convention", "mergeable"});
  ResizeOp resize;
  const bool exact = op.has("height") || op.has("width");
  if (op.has("short_side")) {
    if (exact || op.has("long_side"))
      op.wrong("short_side", "excludes long_side, height and width", op.at("short_side"));
    resize.short_side = op.side("short_side");
  } else if (op.has("long_side")) {
    if (exact) op.wrong("long_side", "excludes height and width", op.at("long_side"));
    resize.rule = ResizeRule::kLongSide;
    resize.long_side = op.side("long_side");
  } else {
    resize.rule = ResizeRule::kExact;
    resize.size = {op.side("height"), op.side("width")};
  }
  resize.filter = op.choice<ResizeFilter>("filter",
                                          {{"nearest", ResizeFilter::kNearest},
                                           {"bilinear", ResizeFilter::kBilinear},
                                           {"bicubic", ResizeFilter::kBicubic},
                                           {"area", ResizeFilter::kArea}},
                                          "bilinear");
  resize.convention = op.choice<ResizeConvention>(
      "convention", {{"pillow", ResizeConvention::kPillow}, {"opencv", ResizeConvention::kOpenCv}}, "pillow");
  const bool smooth = resize.filter == ResizeFilter::kBilinear || resize.filter == ResizeFilter::kBicubic;
  const bool usual =
      resize.filter == ResizeFilter::kArea || (smooth && resize.convention == ResizeConvention::kPillow);
  resize.antialias = op.flag("antialias", usual);
  if (resize.antialias != usual && !(smooth && resize.convention == ResizeConvention::kPillow)) {
    op.wrong("antialias",
             usual ? "must be true: area averages"
                   : "must be false: nearest, and OpenCV's bilinear and bicubic, do not antialias",
             op.at("antialias"));
  }
  resize.mergeable = op.flag("mergeable", false);
  return resize;
}

NormaliseOp parse_normalise(const ObjectReader& op) {
  op.allow_only({"op", "scale", "mean", "std"});
  NormaliseOp normalise;
  normalise.scale = op.number("scale", normalise.scale);
  normalise.mean = op.three_numbers("mean", normalise.mean);
  normalise.std = op.three_numbers("std", normalise.std);
  for (const float divisor : normalise.std) {
    if (divisor == 0) op.wrong("std", "must not be zero", op.at("std"));
  }
  return normalise;
}

PadOp parse_pad(const ObjectReader& op) {
  op.allow_only({"op", "height", "width", "value", "centred"});
  PadOp pad{{op.side("height"), op.side("width")}};
  pad.value = static_cast<uint8_t>(op.whole("value", 0, 255, 0));
  pad.centred = op.flag("centred", true);
  return pad;
}

CropOp parse_crop(const ObjectReader& op) {
  op.allow_only({"op", "top", "left", "height", "width"});
  CropOp crop;
  crop.rect.top = static_cast<int>(op.whole("top", -kMaxSide, kMaxSide));
  crop.rect.left = static_cast<int>(op.whole("left", -kMaxSide, kMaxSide));
  crop.rect.bottom = crop.rect.top + op.side("height");
  crop.rect.right = crop.rect.left + op.side("width");
  return crop;
}

FlipOp parse_flip(const ObjectReader& op) {
  op.allow_only({"op", "horizontal", "vertical"});
  const FlipOp flip{op.flag("horizontal", false), op.flag("vertical", false)};
  if (!flip.horizontal && !flip.vertical)
    op.wrong("op", "flip needs \"horizontal\": true or \"vertical\": true", op.at("op"));
  return flip;
}

ReorderChannelsOp parse_channels(const ObjectReader& op) {
  op.allow_only({"op", "order", "channels"});
  ReorderChannelsOp reorder;
  reorder.order = op.choice<ChannelOrder>(
      "order", {{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}, {"grey", ChannelOrder::kGrey}});
  const bool grey = reorder.order == ChannelOrder::kGrey;
  reorder.channels = static_cast<int>(op.whole("channels", 1, 3, grey ? 1 : 3));
  if (reorder.channels == 2 || (!grey && reorder.channels != 3)) {
    op.wrong("channels", grey ? "must be 1 or 3" : "must be 3 (only grey can have 1)", op.at("channels"));
  }
  return reorder;
}

PreprocOp parse_op(const ObjectReader& op) {
  const std::string kind = op.text("op");
  if (kind == "resize") return parse_resize(op);
  if (kind == "center_crop") {
    op.allow_only({"op", "height", "width"});
    return CenterCropOp{{op.side("height"), op.side("width")}};
  }
  if (kind == "crop") return parse_crop(op);
  if (kind == "pad") return parse_pad(op);
  if (kind == "flip") return parse_flip(op);
  if (kind == "reorder_channels") return parse_channels(op);
  if (kind == "convert") {
    op.allow_only({"op", "dtype"});
    return ConvertOp{op.choice<DType>("dtype", {{"f32", DType::kF32}, {"f16", DType::kF16}, {"u8", DType::kU8}})};
  }
  if (kind == "scale") {
    op.allow_only({"op", "factor"});
    op.at("factor");
    return ScaleOp{op.number("factor", 1)};
  }
  if (kind == "normalise") return parse_normalise(op);
  if (kind == "reorder_layout") {
    op.allow_only({"op", "layout"});
    return ReorderLayoutOp{op.choice<Layout>("layout", {{"CHW", Layout::kCHW}, {"HWC", Layout::kHWC}})};
  }
  op.wrong("op", kOperations, op.at("op"));
}

Json size_json(const char* op, Size size) { return {{"op", op}, {"height", size.height}, {"width", size.width}}; }

// Keys that have their usual value are left out where they came later than version 1: plan ids hash this text.
Json op_json(const ResizeOp& op) {
  Json json = {{"op", "resize"}};
  switch (op.rule) {
    case ResizeRule::kShortSide: json["short_side"] = op.short_side; break;
    case ResizeRule::kLongSide: json["long_side"] = op.long_side; break;
    case ResizeRule::kExact:
      json["height"] = op.size.height;
      json["width"] = op.size.width;
      break;
  }
  json["filter"] = name(op.filter);
  json["antialias"] = op.antialias;
  if (op.convention == ResizeConvention::kOpenCv) json["convention"] = "opencv";
  if (op.mergeable) json["mergeable"] = true;
  return json;
}
Json op_json(const CenterCropOp& op) { return size_json("center_crop", op.size); }
Json op_json(const CropOp& op) {
  Json json = {{"op", "crop"}, {"top", op.rect.top}, {"left", op.rect.left}};
  json["height"] = op.rect.height();
  json["width"] = op.rect.width();
  return json;
}
Json op_json(const PadOp& op) {
  Json json = size_json("pad", op.size);
  json["value"] = op.value;
  json["centred"] = op.centred;
  return json;
}
Json op_json(const FlipOp& op) { return {{"op", "flip"}, {"horizontal", op.horizontal}, {"vertical", op.vertical}}; }
Json op_json(const ReorderChannelsOp& op) {
  Json json = {{"op", "reorder_channels"}, {"order", name(op.order)}};
  if (op.order == ChannelOrder::kGrey) json["channels"] = op.channels;
  return json;
}
Json op_json(const ConvertOp& op) { return {{"op", "convert"}, {"dtype", name(op.dtype)}}; }
Json op_json(const ScaleOp& op) { return {{"op", "scale"}, {"factor", op.factor}}; }
Json op_json(const NormaliseOp& op) {
  return {{"op", "normalise"}, {"scale", op.scale}, {"mean", op.mean}, {"std", op.std}};
}
Json op_json(const ReorderLayoutOp& op) { return {{"op", "reorder_layout"}, {"layout", name(op.layout)}}; }
Json op_json(const CroppedResizeOp& op) {
  return {{"op", "cropped_resize"},
          {"resize", op_json(op.resize)},
          {"crop", std::visit([](const auto& crop) { return op_json(crop); }, op.crop)},
          {"in_decoder", op.in_decoder}};
}
Json op_json(const PointwiseOp& op) {
  return {{"op", "pointwise"},         {"dtype", name(op.dtype)},
          {"layout", name(op.layout)}, {"source_channel", op.source_channel},
          {"scale", op.scale},         {"bias", op.bias}};
}

}  // namespace

PreprocGraph parse_graph(const Json& operations, const std::string& where) {
  if (!operations.is_array()) throw Error(ErrorCode::kUsage, where + " must be a list of operations");
  PreprocGraph graph;
  for (size_t i = 0; i < operations.size(); ++i) {
    graph.ops.push_back(parse_op(ObjectReader(operations[i], fmt::format("{}[{}]", where, i))));
  }
  return graph;
}

Json graph_json(const PreprocGraph& graph) {
  Json list = Json::array();
  for (const PreprocOp& op : graph.ops) {
    list.push_back(std::visit([](const auto& each) { return op_json(each); }, op));
  }
  return list;
}

}  // namespace smol
