#include "smol/report/run_report_check.h"

#include "smol/base/json_object.h"

namespace smol {
namespace {

constexpr int kVersion = 1;

void check_numbers(const ObjectReader& object) {
  for (const auto& [key, value] : object.entries().items()) object.not_negative(key.c_str());
}

}  // namespace

void check_run_report(const Json& report, const std::string& where) {
  const ObjectReader object(report, where);
  if (object.at("smol_report") != kVersion) object.wrong("smol_report", "must be 1", object.at("smol_report"));
  object.text("plan_id");
  object.flag("interrupted", false);
  for (const char* key : {"items", "failed", "items_now", "startup_seconds", "wall_seconds", "items_per_s"}) {
    object.not_negative(key);
  }
  check_numbers(object.object("failed_by_code"));
  const ObjectReader stages = object.object("stages");
  for (const auto& [name, stage] : stages.entries().items()) check_numbers(stages.object(name.c_str()));
  for (const char* key : {"bottleneck", "engine"}) object.object(key);
}

}  // namespace smol
