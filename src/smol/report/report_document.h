// The JSON document inside the page: what tools/report/src/model.js reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "smol/plan/plan.h"
#include "smol/report/small_picture.h"

namespace smol {

// For the example of the same number in the plan: the picture, or why there is none.
struct ExamplePicture {
  std::optional<SmallPicture> picture;
  std::string why;
};

// {title, sources, plan, planning, run, examples}; null for what is not there. `planning` is the plan's, without its
// examples; of these, as many as there are pictures. `run` was checked. Pure.
nlohmann::ordered_json report_document(const std::optional<Plan>& plan, const nlohmann::ordered_json& run,
                                       const std::vector<std::string>& sources,
                                       const std::vector<ExamplePicture>& pictures);

}  // namespace smol
