#include <fmt/format.h>

#include <cmath>

#include "smol/base/error.h"
#include "smol/base/json_object.h"
#include "smol/plan/planning_result.h"

namespace smol {
namespace {

constexpr int64_t kLarge = int64_t{1} << 40;

// JSON knows no infinity (a rate of a plan that needs nothing).
Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(); }
double number_at(const ObjectReader& object, const char* key) {
  return object.at(key).is_null() ? std::numeric_limits<double>::infinity() : object.real(key);
}

// What parses a word knows neither file nor place.
template <typename Parse>
auto parse_word(const ObjectReader& object, const char* key, Parse parse) {
  const std::string word = object.text(key);
  try {
    return parse(word);
  } catch (const Error& error) {
    throw Error(ErrorCode::kUsage, object.place(key) + ": " + error.what());
  }
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
std::string text_or_null(const ObjectReader& object, const char* key) {
  return !object.has(key) || object.at(key).is_null() ? "" : object.text(key);
}

Json demand_json(const StageDemand& demand) {
  return {{"read_s", demand.read_s},
          {"decode_s", demand.decode_s},
          {"preprocess_s", demand.preprocess_s},
          {"infer_core_s", demand.infer_core_s},
          {"infer_device_s", demand.infer_device_s},
          {"sink_s", demand.sink_s},
          {"bytes_read", demand.bytes_read},
          {"bytes_copied", demand.bytes_copied},
          {"contention", demand.contention}};
}
StageDemand parse_demand(const ObjectReader& object) {
  object.allow_only({"read_s", "decode_s", "preprocess_s", "infer_core_s", "infer_device_s", "sink_s", "bytes_read",
                     "bytes_copied", "contention"});
  StageDemand demand;
  demand.read_s = object.not_negative("read_s", 0);
  demand.decode_s = object.not_negative("decode_s", 0);
  demand.preprocess_s = object.not_negative("preprocess_s", 0);
  demand.infer_core_s = object.not_negative("infer_core_s", 0);
  demand.infer_device_s = object.not_negative("infer_device_s", 0);
  demand.sink_s = object.not_negative("sink_s", 0);
  demand.bytes_read = object.not_negative("bytes_read", 0);
  demand.bytes_copied = object.not_negative("bytes_copied", 0);
  demand.contention = object.not_negative("contention", 0);
  return demand;
}

Json stage_json(const CandidateStage& stage) {
  return {{"model", stage.name},
          {"rendition", stage.format.rendition},
          {"decode", to_string(stage.format.decode)},
          {"cpu_ops", stage.cpu_ops},
          {"cut", stage.cut}};
}
CandidateStage parse_stage(const ObjectReader& object) {
  CandidateStage stage;
  stage.name = object.text("model");
  stage.format.rendition = object.text("rendition");
  stage.format.decode = parse_word(object, "decode", parse_decode_spec);
  stage.cpu_ops = static_cast<int>(object.whole("cpu_ops", -1, 64, -1));
  stage.cut = object.text("cut", "");
  return stage;
}

// One stage stands in the candidate itself; the stages of a cascade in a list, and in the candidate the last one's
// model and format with the demand of all.
void add_stages(Json& json, const Candidate& candidate) {
  if (candidate.stages.size() < 2) return;
  for (const CandidateStage& stage : candidate.stages) {
    Json entry = stage_json(stage);
    entry["pass_rate"] = stage.pass_rate;
    entry["demand"] = demand_json(stage.demand);
    json["stages"].push_back(entry);
  }
}
std::vector<CandidateStage> parse_stages(const ObjectReader& object) {
  std::vector<CandidateStage> stages;
  const Json& list = object.list("stages");
  for (size_t i = 0; i < list.size(); ++i) {
    const ObjectReader entry(list[i], fmt::format("{}[{}]", object.place("stages"), i));
    entry.allow_only({"model", "rendition", "decode", "cpu_ops", "cut", "pass_rate", "demand"});
    stages.push_back(parse_stage(entry));
    stages.back().pass_rate = entry.not_negative("pass_rate");
    stages.back().demand = parse_demand(entry.object("demand"));
  }
  return stages;
}

Json assessment_json(const Assessment& assessment) {
  const Candidate& candidate = assessment.candidate;
  Json json = {{"id", candidate.id}};
  if (!candidate.stages.empty()) json.update(stage_json(candidate.stages.back()));
  json["model"] = model_text(candidate);
  add_stages(json, candidate);
  json["backend"] = candidate.backend;
  json["threads"] = candidate.threads;
  json["streams"] = candidate.streams;
  json["batch"] = candidate.batch;
  json["accuracy"] = assessment.accuracy.value;
  json["accuracy_low"] = assessment.accuracy.low;
  json["accuracy_high"] = number_json(assessment.accuracy.high);
  json["loss"] = assessment.loss;
  json["loss_upper"] = number_json(assessment.loss_upper);
  json["resolved"] = assessment.resolved;
  json["demand"] = demand_json(total_demand(candidate));
  json["throughput"] = {
      {"resource_model", number_json(assessment.estimates.resource_model)},
      {"execution_only", number_json(assessment.estimates.execution_only)},
      {"no_overlap", number_json(assessment.estimates.no_overlap)},
      {"paper_min", number_json(assessment.estimates.paper_min)},
      {"measured", candidate.measured_items_per_s ? Json(*candidate.measured_items_per_s) : Json()}};
  json["bound_by"] = assessment.bound_by;
  json["cents_per_million"] = assessment.cents_per_million;
  json["latency_ms"] = assessment.latency_ms;
  json["pareto"] = assessment.pareto;
  json["status"] = name(assessment.status);
  json["beaten_by"] = text_or_null(assessment.beaten_by);
  json["reason"] = assessment.reason;
  return json;
}

Assessment parse_assessment(const ObjectReader& object) {
  object.allow_only(
      {"id",         "model",      "rendition", "decode",    "cpu_ops",    "cut",          "stages",
       "backend",    "threads",    "streams",   "batch",     "accuracy",   "accuracy_low", "accuracy_high",
       "loss",       "loss_upper", "resolved",  "demand",    "throughput", "bound_by",     "cents_per_million",
       "latency_ms", "pareto",     "status",    "beaten_by", "reason"});
  Assessment assessment;
  Candidate& candidate = assessment.candidate;
  candidate.id = object.text("id");
  if (object.has("stages")) {
    candidate.stages = parse_stages(object);
  } else {
    candidate.stages = {parse_stage(object)};
    candidate.stages[0].demand = parse_demand(object.object("demand"));
  }
  candidate.backend = object.text("backend");
  candidate.threads = static_cast<int>(object.whole("threads", 1, 1024));
  candidate.streams = static_cast<int>(object.whole("streams", 1, 1024));
  candidate.batch = object.whole("batch", 1, 4096);
  assessment.accuracy = {object.real("accuracy"), object.real("accuracy_low"), number_at(object, "accuracy_high")};
  assessment.loss = object.real("loss");
  assessment.loss_upper = number_at(object, "loss_upper");
  assessment.resolved = object.flag("resolved", false);
  const ObjectReader throughput = object.object("throughput");
  throughput.allow_only({"resource_model", "execution_only", "no_overlap", "paper_min", "measured"});
  assessment.estimates = {number_at(throughput, "resource_model"), number_at(throughput, "execution_only"),
                          number_at(throughput, "no_overlap"), number_at(throughput, "paper_min")};
  if (throughput.has("measured") && !throughput.at("measured").is_null()) {
    candidate.measured_items_per_s = throughput.not_negative("measured");
  }
  assessment.bound_by = object.text("bound_by");
  assessment.cents_per_million = object.not_negative("cents_per_million");
  assessment.latency_ms = object.not_negative("latency_ms");
  assessment.pareto = object.flag("pareto", false);
  assessment.status = object.choice<CandidateStatus>("status", {{"chosen", CandidateStatus::kChosen},
                                                                {"front", CandidateStatus::kFront},
                                                                {"dominated", CandidateStatus::kDominated},
                                                                {"infeasible", CandidateStatus::kInfeasible}});
  assessment.beaten_by = text_or_null(object, "beaten_by");
  assessment.reason = object.text("reason");
  return assessment;
}

Json machine_json(const MachineIdentity& machine) {
  return {{"cpu", machine.cpu}, {"cores", machine.cores}, {"memory_bytes", machine.memory_bytes}};
}

std::map<std::string, std::string> parse_texts(const ObjectReader& object) {
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : object.entries().items()) texts[key] = object.text(key.c_str());
  return texts;
}

Json prices_json(const Prices& prices) {
  return {{"as_of", prices.as_of},
          {"source", prices.source},
          {"cents_per_core_hour", prices.cents_per_core_hour},
          {"cents_per_device_hour", prices.cents_per_device_hour},
          {"watts_per_core", prices.watts_per_core},
          {"watts_per_device", prices.watts_per_device}};
}
Prices parse_prices(const ObjectReader& object) {
  object.allow_only(
      {"as_of", "source", "cents_per_core_hour", "cents_per_device_hour", "watts_per_core", "watts_per_device"});
  return {object.text("as_of"),
          object.text("source"),
          object.not_negative("cents_per_core_hour"),
          object.not_negative("cents_per_device_hour"),
          object.not_negative("watts_per_core"),
          object.not_negative("watts_per_device")};
}

Json calibration_json(const CalibrationSummary& calibration) {
  return {{"items", calibration.items},
          {"groups", calibration.groups},
          {"metric", name(calibration.metric)},
          {"labelled", calibration.labelled},
          {"reference", text_or_null(calibration.reference)}};
}
CalibrationSummary parse_calibration(const ObjectReader& object) {
  object.allow_only({"items", "groups", "metric", "labelled", "reference"});
  return {object.whole("items", 0, kLarge), object.whole("groups", 0, kLarge),
          parse_word(object, "metric", parse_metric), object.flag("labelled", true),
          text_or_null(object, "reference")};
}

Json constraint_json(const Constraint& constraint) {
  return {{"kind", name(constraint.kind)}, {"value", constraint.value}};
}
Constraint parse_constraint(const ObjectReader& object) {
  object.allow_only({"kind", "value"});
  return {parse_word(object, "kind", parse_constraint_kind), object.real("value")};
}

Json example_json(const PlanningExample& example) {
  return {
      {"id", example.id}, {"image", example.image}, {"label", example.label}, {"predictions", example.predictions}};
}
PlanningExample parse_example(const ObjectReader& object) {
  object.allow_only({"id", "image", "label", "predictions"});
  return {object.text("id"), object.text("image"), object.text("label"), parse_texts(object.object("predictions"))};
}

template <typename T, typename Parse>
std::vector<T> parse_list(const ObjectReader& object, const char* key, Parse parse) {
  std::vector<T> values;
  if (!object.has(key)) return values;
  const Json& list = object.list(key);
  for (size_t i = 0; i < list.size(); ++i) {
    values.push_back(parse(ObjectReader(list[i], fmt::format("{}[{}]", object.place(key), i))));
  }
  return values;
}

}  // namespace

std::string to_json(const PlanningResult& result) {
  Json json = {{"made_at", result.made_at},
               {"machine", machine_json(result.machine)},
               {"versions", result.machine.versions},
               {"calibration", calibration_json(result.calibration)},
               {"constraint", constraint_json(result.constraint)},
               {"also", Json::array()},
               {"prices", prices_json(result.prices)},
               {"chosen", text_or_null(result.chosen)}};
  if (result.nearest_miss) {
    json["nearest_miss"] = {{"most_accurate", text_or_null(result.nearest_miss->most_accurate)},
                            {"fastest", text_or_null(result.nearest_miss->fastest)},
                            {"explanation", result.nearest_miss->explanation}};
  }
  for (const Constraint& constraint : result.also) json["also"].push_back(constraint_json(constraint));
  json["candidates"] = Json::array();
  for (const Assessment& assessment : result.candidates) json["candidates"].push_back(assessment_json(assessment));
  json["examples"] = Json::array();
  for (const PlanningExample& example : result.examples) json["examples"].push_back(example_json(example));
  return readable_text(json);
}

PlanningResult parse_planning(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  const ObjectReader object(json, where);
  object.allow_only({"made_at", "machine", "versions", "calibration", "constraint", "also", "prices", "chosen",
                     "nearest_miss", "candidates", "examples"});
  PlanningResult result;
  result.made_at = object.text("made_at", "");
  const ObjectReader machine = object.object("machine");
  machine.allow_only({"cpu", "cores", "memory_bytes"});
  result.machine.cpu = machine.text("cpu", "");
  result.machine.cores = machine.not_negative("cores", 1);
  result.machine.memory_bytes = machine.not_negative("memory_bytes", 0);
  result.machine.versions = parse_texts(object.object("versions"));
  result.calibration = parse_calibration(object.object("calibration"));
  result.constraint = parse_constraint(object.object("constraint"));
  result.also = parse_list<Constraint>(object, "also", parse_constraint);
  if (object.has("prices")) result.prices = parse_prices(object.object("prices"));
  result.chosen = text_or_null(object, "chosen");
  if (object.has("nearest_miss")) {
    const ObjectReader miss = object.object("nearest_miss");
    miss.allow_only({"most_accurate", "fastest", "explanation"});
    result.nearest_miss = {text_or_null(miss, "most_accurate"), text_or_null(miss, "fastest"),
                           miss.text("explanation")};
  }
  result.candidates = parse_list<Assessment>(object, "candidates", parse_assessment);
  result.examples = parse_list<PlanningExample>(object, "examples", parse_example);
  return result;
}

}  // namespace smol
