#include "smol/plan/plan.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "smol/base/error.h"
#include "smol/base/hash.h"

namespace smol {
namespace {

nlohmann::ordered_json decode_json(const DecodeSpec& spec) {
  nlohmann::ordered_json json;
  json["spec"] = to_string(spec);
  if (spec.region) json["region"] = {spec.region->top, spec.region->left, spec.region->bottom, spec.region->right};
  return json;
}

// What the plan id is made of: the manifest without its name and the place of its labels, which change no number.
nlohmann::ordered_json affecting_results(const Plan& plan) {
  nlohmann::ordered_json json;
  json["smol_plan"] = 1;
  json["model_hash"] = plan.model_hash;
  json["rendition"] = plan.rendition;
  json["decode"] = decode_json(plan.decode);
  auto manifest = nlohmann::ordered_json::parse(to_json(plan.manifest));
  manifest.erase("name");
  manifest.erase("labels");
  json["manifest"] = manifest;
  json["output"] = plan.output;
  if (plan.output == "topk") json["topk"] = plan.topk;
  json["scores"] = plan.scores == Scores::kSoftmax ? "softmax" : "as modelled";
  return json;
}

}  // namespace

std::string plan_id(const Plan& plan) { return hex16(hash64(affecting_results(plan).dump())); }

std::string to_json(const Plan& plan) {
  nlohmann::ordered_json json = affecting_results(plan);
  json["id"] = plan_id(plan);
  json["model"] = plan.model.string();
  json["name"] = plan.manifest.name;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string hash_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw Error(ErrorCode::kUsage, "cannot read the model: " + path.string());
  }
  uint64_t hash = 0;
  std::array<char, 1 << 16> block;
  while (in.read(block.data(), block.size()) || in.gcount() > 0) {
    hash = hash64(std::string_view(block.data(), static_cast<size_t>(in.gcount())), hash);
  }
  return hex16(hash);
}

}  // namespace smol
