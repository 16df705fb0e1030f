#include "smol/infer/manifest.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>

#include "smol/base/error.h"
#include "smol/base/json_object.h"

namespace smol {
namespace {

constexpr int kVersion = 1;

PreprocOp parse_op(const ObjectReader& op) {
  const std::string kind = op.text("op");
  const auto size = [&] { return Size{op.side("height"), op.side("width")}; };
  if (kind == "resize") {
    op.allow_only({"op", "short_side", "height", "width", "filter", "antialias"});
    ResizeOp resize;
    if (op.has("short_side")) {
      if (op.has("height") || op.has("width"))
        op.wrong("short_side", "excludes height and width", op.at("short_side"));
      resize.short_side = op.side("short_side");
    } else {
      resize.rule = ResizeRule::kExact;
      resize.size = size();
    }
    resize.filter = op.choice<ResizeFilter>(
        "filter", {{"bilinear", ResizeFilter::kBilinear}, {"bicubic", ResizeFilter::kBicubic}}, "bilinear");
    resize.antialias = op.flag("antialias", true);
    return resize;
  }
  if (kind == "center_crop") {
    op.allow_only({"op", "height", "width"});
    return CenterCropOp{size()};
  }
  if (kind == "pad") {
    op.allow_only({"op", "height", "width", "value", "centred"});
    PadOp pad{size()};
    const float value = op.number("value", 0);
    if (value < 0 || value > 255 || value != std::floor(value))
      op.wrong("value", "must be a whole number from 0 to 255", op.at("value"));
    pad.value = static_cast<uint8_t>(value);
    pad.centred = op.flag("centred", true);
    return pad;
  }
  if (kind == "reorder_channels") {
    op.allow_only({"op", "order"});
    return ReorderChannelsOp{
        op.choice<ChannelOrder>("order", {{"rgb", ChannelOrder::kRgb}, {"bgr", ChannelOrder::kBgr}})};
  }
  if (kind == "convert") {
    op.allow_only({"op", "dtype"});
    return ConvertOp{op.choice<DType>("dtype", {{"f32", DType::kF32}})};
  }
  if (kind == "normalise") {
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
  if (kind == "reorder_layout") {
    op.allow_only({"op", "layout"});
    return ReorderLayoutOp{op.choice<Layout>("layout", {{"CHW", Layout::kCHW}, {"HWC", Layout::kHWC}})};
  }
  op.wrong("op", "must be one of resize, center_crop, pad, reorder_channels, convert, normalise, reorder_layout",
           op.at("op"));
}

Json size_json(const char* op, Size size) { return {{"op", op}, {"height", size.height}, {"width", size.width}}; }

Json op_json(const ResizeOp& op) {
  Json json = {{"op", "resize"}};
  if (op.rule == ResizeRule::kShortSide) {
    json["short_side"] = op.short_side;
  } else {
    json["height"] = op.size.height;
    json["width"] = op.size.width;
  }
  json["filter"] = op.filter == ResizeFilter::kBilinear ? "bilinear" : "bicubic";
  json["antialias"] = op.antialias;
  return json;
}
Json op_json(const CenterCropOp& op) { return size_json("center_crop", op.size); }
Json op_json(const PadOp& op) {
  Json json = size_json("pad", op.size);
  json["value"] = op.value;
  json["centred"] = op.centred;
  return json;
}
Json op_json(const ReorderChannelsOp& op) {
  return {{"op", "reorder_channels"}, {"order", op.order == ChannelOrder::kRgb ? "rgb" : "bgr"}};
}
Json op_json(const ConvertOp& op) { return {{"op", "convert"}, {"dtype", name(op.dtype)}}; }
Json op_json(const NormaliseOp& op) {
  return {{"op", "normalise"}, {"scale", op.scale}, {"mean", op.mean}, {"std", op.std}};
}
Json op_json(const ReorderLayoutOp& op) { return {{"op", "reorder_layout"}, {"layout", name(op.layout)}}; }

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

std::string_view name(OutputKind kind) {
  switch (kind) {
    case OutputKind::kLogits: return "logits";
    case OutputKind::kProbabilities: return "probabilities";
    case OutputKind::kEmbedding: return "embedding";
  }
  return "logits";
}

}  // namespace

std::filesystem::path manifest_path(const std::filesystem::path& model) {
  return std::filesystem::path(model).replace_extension(".json");
}

Manifest parse_manifest(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  const ObjectReader object(json, where);
  object.allow_only({"smol_manifest", "name", "input", "output", "preprocessing", "trained_short_side", "labels"});
  if (object.at("smol_manifest") != kVersion) object.wrong("smol_manifest", "must be 1", object.at("smol_manifest"));
  Manifest manifest;
  manifest.name = object.text("name", "");
  manifest.input_name = object.text("input", "");
  if (object.has("output")) {
    const ObjectReader output(object.at("output"), object.place("output"));
    output.allow_only({"name", "kind"});
    manifest.output_name = output.text("name", "");
    manifest.output_kind = output.choice<OutputKind>("kind",
                                                     {{"logits", OutputKind::kLogits},
                                                      {"probabilities", OutputKind::kProbabilities},
                                                      {"embedding", OutputKind::kEmbedding}},
                                                     "logits");
  }
  manifest.preprocessing = parse_graph(object.at("preprocessing"), object.place("preprocessing"));
  if (object.has("trained_short_side")) manifest.trained_short_side = object.side("trained_short_side");
  manifest.labels = object.text("labels", "");
  return manifest;
}

PreprocGraph parse_operations(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  return parse_graph(json, where);
}

std::string to_json(const PreprocGraph& graph) { return graph_json(graph).dump(); }

Manifest read_manifest(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    throw Error(ErrorCode::kUsage, "cannot read the manifest: " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  Manifest manifest = parse_manifest(text.str(), path.string());
  if (!manifest.labels.empty()) manifest.labels = path.parent_path() / manifest.labels;
  return manifest;
}

std::string to_json(const Manifest& manifest) {
  Json json = {{"smol_manifest", kVersion}, {"name", manifest.name}};
  if (!manifest.input_name.empty()) json["input"] = manifest.input_name;
  if (!manifest.output_name.empty()) json["output"]["name"] = manifest.output_name;
  json["output"]["kind"] = name(manifest.output_kind);
  json["preprocessing"] = graph_json(manifest.preprocessing);
  if (manifest.trained_short_side > 0) json["trained_short_side"] = manifest.trained_short_side;
  if (!manifest.labels.empty()) json["labels"] = manifest.labels.string();
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> read_labels(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    throw Error(ErrorCode::kUsage, "cannot read the labels: " + path.string());
  std::vector<std::string> labels;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

}  // namespace smol
