// Whether a plan.json and a report.json are what a report can be made of. Absent optional parts are fine; a part that
// is there and makes no sense (an interval upside down, a choice that is no candidate) is Error(kUsage), in one line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace smol {

// `where` names the file in messages. The `planning` section may be absent.
void check_plan(const nlohmann::ordered_json& plan, const std::string& where);

void check_run_report(const nlohmann::ordered_json& report, const std::string& where);

}  // namespace smol
