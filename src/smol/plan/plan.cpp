#include "smol/plan/plan.h"

#include <array>
#include <fstream>

#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/base/json_object.h"

namespace smol {
namespace {

Json format_json(const PlanFormat& entry) {
  return {{"rendition", entry.format.rendition},
          {"decode", {{"spec", to_string(entry.format.decode)}}},
          {"cpu_ops", entry.cpu_ops}};
}

Json formats_json(const PlanStage& stage) {
  Json list = Json::array();
  for (const PlanFormat& format : stage.formats) list.push_back(format_json(format));
  return list;
}

// The manifest without its name and the place of its labels, which change no number.
Json affecting_results(const Manifest& manifest) {
  Json json = Json::parse(to_json(manifest));
  json.erase("name");
  json.erase("labels");
  return json;
}

std::string_view scores_text(Scores scores) { return scores == Scores::kSoftmax ? "softmax" : "as modelled"; }

std::string absolute_path(const std::filesystem::path& path) {
  return path.empty() ? "" : std::filesystem::absolute(path).lexically_normal().string();
}

Json stage_json(const PlanStage& stage) {
  Manifest manifest = stage.manifest;
  manifest.labels = absolute_path(manifest.labels);
  return {{"model", absolute_path(stage.model)},
          {"model_hash", stage.model_hash},
          {"manifest", Json::parse(to_json(manifest))},
          {"formats", formats_json(stage)},
          {"thresholds", stage.thresholds}};
}

}  // namespace

std::string plan_id(const Plan& plan) {
  Json json = {{"smol_plan", 2}};
  for (const PlanStage& stage : plan.stages) {
    json["stages"].push_back({{"model_hash", stage.model_hash},
                              {"manifest", affecting_results(stage.manifest)},
                              {"formats", formats_json(stage)},
                              {"thresholds", stage.thresholds}});
  }
  json["backend"] = plan.engine.backend;
  json["output"] = plan.output;
  if (plan.output == "topk") json["topk"] = plan.topk;
  json["scores"] = scores_text(plan.scores);
  return hex16(hash64(json.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

std::string rendition_text(const PlanStage& stage) {
  std::string names;
  for (const PlanFormat& format : stage.formats) names += (names.empty() ? "" : ",") + format.format.rendition;
  return names;
}

std::string to_json(const Plan& plan) {
  Json json = {{"smol_plan", 2}, {"id", plan_id(plan)}, {"stages", Json::array()}};
  for (const PlanStage& stage : plan.stages) json["stages"].push_back(stage_json(stage));
  json["output"] = plan.output;
  if (plan.output == "topk") json["topk"] = plan.topk;
  json["scores"] = scores_text(plan.scores);
  json["engine"] = {{"backend", plan.engine.backend},
                    {"threads", plan.engine.threads},
                    {"streams", plan.engine.streams},
                    {"batch", plan.engine.batch}};
  if (plan.planning) json["planning"] = Json::parse(to_json(*plan.planning));
  return readable_text(json);
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
