// One sentence for each candidate: why it was chosen, or what beat it.
#pragma once

#include <string>

#include "smol/plan/planning_result.h"

namespace smol {

// Sets status and reason of all candidates; beaten_by, chosen and the figures must be there.
void add_reasons(PlanningResult& result);

// Of a result in which nothing was chosen.
std::string nearest_miss_text(const PlanningResult& result);

}  // namespace smol
