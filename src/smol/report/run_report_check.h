// Whether a report.json is one that a page can be made of.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace smol {

// Throws Error(kUsage), one line that names the place: another version, a number that is none or below 0.
void check_run_report(const nlohmann::ordered_json& report, const std::string& where);

}  // namespace smol
