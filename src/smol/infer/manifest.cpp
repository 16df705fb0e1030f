#include "smol/infer/manifest.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>

#include "smol/base/error.h"

namespace smol {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr int kMaxSide = 1 << 14;  // no DNN takes more; keeps products of sides far from overflow

// One JSON object being read: knows where it stands for messages, and refuses keys that nobody asked for.
class ObjectReader {
 public:
  ObjectReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw Error(ErrorCode::kUsage, where_ + " must be an object");
  }

  void allow_only(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, value] : json_.items()) {
      bool known = false;
      std::string allowed;
      for (const std::string_view candidate : keys) {
        known = known || key == candidate;
        allowed += (allowed.empty() ? "" : ", ") + std::string(candidate);
      }
      if (!known)
        throw Error(ErrorCode::kUsage,
                    fmt::format("{} has an unknown key (allowed: {}): {}", where_, allowed, quoted(key)));
    }
  }

  bool has(const char* key) const { return json_.contains(key); }
  const Json& at(const char* key) const {
    if (!has(key)) throw Error(ErrorCode::kUsage, fmt::format("{} lacks the key: {}", where_, key));
    return json_.at(key);
  }
  std::string place(const char* key) const { return where_ + "." + key; }

  std::string text(const char* key, const char* fallback = nullptr) const {
    if (!has(key) && fallback != nullptr) return fallback;
    const Json& value = at(key);
    if (!value.is_string()) wrong(key, "must be text", value);
    return value.get<std::string>();
  }
  int side(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<int64_t>() > kMaxSide) {
      wrong(key, fmt::format("must be a whole number from 1 to {}", kMaxSide).c_str(), value);
    }
    return value.get<int>();
  }
  bool flag(const char* key, bool fallback) const {
    if (!has(key)) return fallback;
    if (!at(key).is_boolean()) wrong(key, "must be true or false", at(key));
    return at(key).get<bool>();
  }
  float number(const char* key, float fallback) const {
    if (!has(key)) return fallback;
    return finite(key, at(key));
  }
  std::array<float, 3> three_numbers(const char* key, std::array<float, 3> fallback) const {
    if (!has(key)) return fallback;
    const Json& value = at(key);
    if (!value.is_array() || value.size() != 3) wrong(key, "must be a list of three numbers", value);
    return {finite(key, value[0]), finite(key, value[1]), finite(key, value[2])};
  }
  // One of a few words, as the value that stands beside it.
  template <typename T>
  T choice(const char* key, std::initializer_list<std::pair<std::string_view, T>> choices,
           const char* fallback = nullptr) const {
    const std::string word = text(key, fallback);
    std::string allowed;
    for (const auto& [name, value] : choices) {
      if (word == name) return value;
      allowed += (allowed.empty() ? "" : ", ") + std::string(name);
    }
    wrong(key, ("must be one of " + allowed).c_str(), at(key));
  }

  [[noreturn]] void wrong(const char* key, const char* rule, const Json& value) const {
    throw Error(ErrorCode::kUsage, fmt::format("{} {}: {}", place(key), rule, shortened(value)));
  }

 private:
  static std::string quoted(const std::string& key) { return shortened(Json(key)); }
  static std::string shortened(const Json& value) {
    constexpr size_t kLongest = 60;
    const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
  }
  float finite(const char* key, const Json& value) const {
    if (!value.is_number() || !std::isfinite(value.get<float>())) wrong(key, "must be a number", value);
    return value.get<float>();
  }

  const Json& json_;
  std::string where_;
};

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
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Error(ErrorCode::kUsage, where + " is not JSON");
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
  const Json& operations = object.at("preprocessing");
  if (!operations.is_array()) object.wrong("preprocessing", "must be a list of operations", operations);
  for (size_t i = 0; i < operations.size(); ++i) {
    manifest.preprocessing.ops.push_back(
        parse_op(ObjectReader(operations[i], fmt::format("{}.preprocessing[{}]", where, i))));
  }
  if (object.has("trained_short_side")) manifest.trained_short_side = object.side("trained_short_side");
  manifest.labels = object.text("labels", "");
  return manifest;
}

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
  json["preprocessing"] = Json::array();
  for (const PreprocOp& op : manifest.preprocessing.ops) {
    json["preprocessing"].push_back(std::visit([](const auto& each) { return op_json(each); }, op));
  }
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
