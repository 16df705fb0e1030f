#include "smol/report/plan_check.h"

#include <fmt/format.h>

#include <set>

#include "smol/report/json_check.h"

namespace smol {
namespace {

constexpr int kNewestPlan = 2;
constexpr int kRunReport = 1;

void check_version(const Json& json, const char* key, int newest, const std::string& where, const char* what) {
  const Json* version = member(json, key);
  if (version == nullptr) refuse(where, fmt::format("not {}: {} is missing", what, key));
  if (version->is_number_integer() && *version >= 1 && *version <= newest) return;
  refuse(where,
         fmt::format("{} of a version that this smol does not read (up to {}): {}", what, newest, shown(*version)));
}

// low <= value <= high, as far as they are there.
void check_interval(const Json& json, const char* low, const char* value, const char* high,
                    const std::string& where) {
  const auto number = [&](const char* key, double otherwise) {
    const Json* found = member(json, key);
    return found == nullptr ? otherwise : found->get<double>();
  };
  const double middle = number(value, 0);
  if (member(json, value) != nullptr && number(low, middle) <= middle && middle <= number(high, middle)) return;
  if (member(json, value) == nullptr && member(json, low) == nullptr && member(json, high) == nullptr) return;
  refuse(where, fmt::format("{}, {} and {} are not in order", low, value, high));
}

void check_numbers(const Json& parent, const char* key, const std::string& where) {
  const Json* numbers = check_object(parent, key, where);
  if (numbers == nullptr) return;
  for (const auto& [name, value] : numbers->items()) {
    check_number(*numbers, name.c_str(), 0, kAnyNumber, where + "." + key);
  }
}

void check_candidate(const Json& candidate, const std::string& where) {
  for (const char* key : {"model", "rendition", "decode"}) needed_text(candidate, key, where);
  for (const char* key : {"cut", "backend", "beaten_by", "bound_by", "reason"}) check_text(candidate, key, where);
  for (const char* key : {"pareto", "resolved"}) check_flag(candidate, key, where);
  for (const char* key : {"accuracy", "accuracy_low", "accuracy_high"}) {
    check_number(candidate, key, -kAnyNumber, kAnyNumber, where);
  }
  for (const char* key : {"loss", "loss_upper"}) check_number(candidate, key, -kAnyNumber, kAnyNumber, where);
  for (const char* key : {"cents_per_million", "latency_ms"}) check_number(candidate, key, 0, kAnyNumber, where);
  check_interval(candidate, "accuracy_low", "accuracy", "accuracy_high", where);
  check_one_of(candidate, "status", {"chosen", "front", "dominated", "infeasible"}, where);
  check_numbers(candidate, "demand", where);
  check_numbers(candidate, "throughput", where);
  const Json* throughput = member(candidate, "throughput");
  if (throughput == nullptr ||
      (member(*throughput, "measured") == nullptr && member(*throughput, "resource_model") == nullptr)) {
    refuse(where + ".throughput", "neither resource_model nor measured");
  }
}

void check_is_candidate(const Json& parent, const char* key, const std::set<std::string>& ids,
                        const std::string& where) {
  check_text(parent, key, where);
  const Json* id = member(parent, key);
  if (id == nullptr || ids.contains(id->get<std::string>())) return;
  refuse(where + "." + key, "no candidate has this id: " + shown(*id));
}

void check_candidates(const Json& planning, const std::string& where) {
  const Json* candidates = check_array(planning, "candidates", where);
  if (candidates == nullptr || candidates->empty()) refuse(where + ".candidates", "missing");
  std::set<std::string> ids;
  for (size_t i = 0; i < candidates->size(); ++i) {
    const Json& candidate = (*candidates)[i];
    const std::string place = fmt::format("{}.candidates[{}]", where, i);
    if (!candidate.is_object()) refuse(place, "not an object: " + shown(candidate));
    if (!ids.insert(needed_text(candidate, "id", place)).second) {
      refuse(place + ".id", "another candidate has it: " + shown(candidate["id"]));
    }
    check_candidate(candidate, place);
  }
  for (size_t i = 0; i < candidates->size(); ++i) {
    check_is_candidate((*candidates)[i], "beaten_by", ids, fmt::format("{}.candidates[{}]", where, i));
  }
  check_is_candidate(planning, "chosen", ids, where);
  if (const Json* calibration = check_object(planning, "calibration", where)) {
    check_is_candidate(*calibration, "reference", ids, where + ".calibration");
    check_text(*calibration, "metric", where + ".calibration");
    check_flag(*calibration, "labelled", where + ".calibration");
    for (const char* key : {"items", "groups"})
      check_number(*calibration, key, 0, kAnyNumber, where + ".calibration");
  }
}

void check_examples(const Json& planning, const std::string& where) {
  const Json* examples = check_array(planning, "examples", where);
  if (examples == nullptr) return;
  for (size_t i = 0; i < examples->size(); ++i) {
    const Json& example = (*examples)[i];
    const std::string place = fmt::format("{}.examples[{}]", where, i);
    if (!example.is_object()) refuse(place, "not an object: " + shown(example));
    needed_text(example, "id", place);
    for (const char* key : {"image", "label"}) check_text(example, key, place);
    const Json* predictions = check_object(example, "predictions", place);
    if (predictions == nullptr) continue;
    for (const auto& [id, text] : predictions->items()) {
      check_text(*predictions, id.c_str(), place + ".predictions");
    }
  }
}

}  // namespace

void check_plan(const Json& plan, const std::string& where) {
  check_version(plan, "smol_plan", kNewestPlan, where, "a plan");
  check_text(plan, "id", where);
  check_array(plan, "stages", where);
  const Json* planning = check_object(plan, "planning", where);
  if (planning == nullptr) return;
  const std::string place = where + ": planning";
  check_text(*planning, "made_at", place);
  for (const char* key : {"machine", "versions"}) check_object(*planning, key, place);
  if (const Json* constraint = check_object(*planning, "constraint", place)) {
    check_one_of(*constraint, "kind",
                 {"max_loss", "min_accuracy", "min_throughput", "max_cost", "max_latency", "fastest", "pareto"},
                 place + ".constraint");
    check_number(*constraint, "value", 0, kAnyNumber, place + ".constraint");
  }
  check_candidates(*planning, place);
  check_examples(*planning, place);
}

void check_run_report(const Json& report, const std::string& where) {
  check_version(report, "smol_report", kRunReport, where, "a run report");
  for (const char* key : {"items", "failed", "items_now", "startup_seconds", "wall_seconds", "items_per_s"}) {
    check_number(report, key, 0, kAnyNumber, where);
  }
  check_text(report, "plan_id", where);
  check_flag(report, "interrupted", where);
  check_numbers(report, "failed_by_code", where);
  for (const char* key : {"bottleneck", "engine", "quote"}) check_object(report, key, where);
  const Json* stages = check_object(report, "stages", where);
  if (stages == nullptr) return;
  for (const auto& [name, stage] : stages->items()) check_numbers(*stages, name.c_str(), where + ".stages");
}

}  // namespace smol
