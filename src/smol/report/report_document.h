// The JSON document inside the page: what tools/report/src/model.js reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "smol/report/small_picture.h"

namespace smol {

// As in the plan's `planning.examples`, with the picture or why there is none.
struct ExamplePicture {
  std::optional<SmallPicture> picture;
  std::string why;  // none
};

// {title, sources, plan, planning, run, examples}; null for what is not there. `plan` and `run` were checked. One
// picture an example, in order; examples beyond them are left out. Pure.
nlohmann::ordered_json report_document(nlohmann::ordered_json plan, nlohmann::ordered_json run,
                                       const std::vector<std::string>& sources,
                                       const std::vector<ExamplePicture>& pictures);

}  // namespace smol
