#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "smol/base/error.h"
#include "smol/base/json_object.h"
#include "smol/plan/plan.h"

namespace smol {
namespace {

constexpr int kVersion = 2;
constexpr int kMaxOperations = 64;

std::filesystem::path below(const std::filesystem::path& folder, const std::filesystem::path& path) {
  return path.empty() || path.is_absolute() ? path : (folder / path).lexically_normal();
}

PlanFormat parse_format(const ObjectReader& object) {
  object.allow_only({"rendition", "decode", "cpu_ops"});
  PlanFormat entry;
  entry.format.rendition = object.text("rendition");
  if (entry.format.rendition.empty()) object.wrong("rendition", "must not be empty", object.at("rendition"));
  const ObjectReader decode = object.object("decode");
  decode.allow_only({"spec"});
  try {
    entry.format.decode = parse_decode_spec(decode.text("spec"));
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, decode.place("spec") + ": " + error.what());
  }
  entry.cpu_ops = static_cast<int>(object.whole("cpu_ops", -1, kMaxOperations, -1));
  return entry;
}

PlanStage parse_stage(const ObjectReader& object, const std::filesystem::path& folder) {
  object.allow_only({"model", "model_hash", "manifest", "formats", "thresholds"});
  PlanStage stage;
  stage.model = below(folder, object.text("model"));
  if (stage.model.empty()) object.wrong("model", "must name a file", object.at("model"));
  stage.model_hash = object.text("model_hash");
  stage.manifest = parse_manifest(object.at("manifest").dump(), object.place("manifest"));
  stage.manifest.labels = below(folder, stage.manifest.labels);
  const Json& formats = object.list("formats");
  for (size_t i = 0; i < formats.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", object.place("formats"), i);
    stage.formats.push_back(parse_format(ObjectReader(formats[i], place)));
    const PlanFormat& added = stage.formats.back();
    for (size_t other = 0; other < i; ++other) {
      if (stage.formats[other].format.rendition == added.format.rendition) {
        throw Error(ErrorCode::kUsage, place + " names a rendition twice: " + added.format.rendition);
      }
    }
    if (added.cpu_ops > static_cast<int>(stage.manifest.preprocessing.ops.size())) {
      throw Error(ErrorCode::kUsage, fmt::format("{}.cpu_ops is more than the manifest has operations ({}): {}",
                                                 place, stage.manifest.preprocessing.ops.size(), added.cpu_ops));
    }
  }
  if (stage.formats.empty()) object.wrong("formats", "must have at least one entry", formats);
  if (object.has("thresholds")) {
    for (const Json& threshold : object.list("thresholds")) {
      if (!threshold.is_number()) object.wrong("thresholds", "must be a list of numbers", object.at("thresholds"));
      stage.thresholds.push_back(threshold.get<double>());
    }
  }
  return stage;
}

EngineSettings parse_engine(const ObjectReader& object) {
  object.allow_only({"backend", "threads", "streams", "batch"});
  EngineSettings engine;
  engine.backend = object.text("backend", engine.backend.c_str());
  if (engine.backend.empty()) object.wrong("backend", "must not be empty", object.at("backend"));
  engine.threads = static_cast<int>(object.whole("threads", 0, 1024, 0));
  engine.streams = static_cast<int>(object.whole("streams", 0, 1024, 0));
  engine.batch = object.whole("batch", 0, 4096, 0);
  return engine;
}

}  // namespace

Plan parse_plan(std::string_view text, const std::string& where, const std::filesystem::path& folder) {
  const Json json = parse_json(text, where);
  const ObjectReader object(json, where);
  if (object.at("smol_plan") != kVersion) {
    object.wrong("smol_plan",
                 "must be 2 (plans of version 1 hold no engine settings: make it again with `smol run` or "
                 "`smol plan`)",
                 object.at("smol_plan"));
  }
  object.allow_only({"smol_plan", "id", "stages", "output", "topk", "scores", "engine", "planning"});
  Plan plan;
  const Json& stages = object.list("stages");
  for (size_t i = 0; i < stages.size(); ++i) {
    plan.stages.push_back(
        parse_stage(ObjectReader(stages[i], fmt::format("{}[{}]", object.place("stages"), i)), folder));
    const bool is_last = i + 1 == stages.size();
    if (plan.stages.back().thresholds.size() != (is_last ? 0u : 1u)) {
      throw Error(ErrorCode::kUsage, fmt::format("{}[{}].thresholds must hold {}", object.place("stages"), i,
                                                 is_last ? "nothing: no stage follows" : "one number"));
    }
  }
  if (plan.stages.empty()) object.wrong("stages", "must have at least one entry", stages);
  plan.output = object.choice<std::string>(
      "output", {{"topk", "topk"}, {"logits", "logits"}, {"embedding", "embedding"}}, "topk");
  plan.topk = static_cast<int>(object.whole("topk", 1, 1000, plan.topk));
  plan.scores = object.choice<Scores>("scores", {{"as modelled", Scores::kAsModelled}, {"softmax", Scores::kSoftmax}},
                                      "as modelled");
  if (object.has("engine")) plan.engine = parse_engine(object.object("engine"));
  if (object.has("planning")) plan.planning = parse_planning(object.at("planning").dump(), object.place("planning"));
  return plan;
}

Plan read_plan(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    throw Error(ErrorCode::kUsage, "cannot read the plan: " + path.string());
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse_plan(text.str(), path.string(), path.parent_path());
}

}  // namespace smol
