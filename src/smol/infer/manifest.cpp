#include "smol/infer/manifest.h"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <sstream>

#include "smol/base/error.h"
#include "smol/base/json_object.h"
#include "smol/infer/operations_json.h"

namespace smol {
namespace {

constexpr int kVersion = 1;

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
