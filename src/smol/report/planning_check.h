// Whether the parts of a plan's `planning` section agree with each other. Each value was checked when the plan was
// read (plan/plan.h); people edit these files, and a page about contradictions would mislead.
#pragma once

#include <string>

#include "smol/plan/planning_result.h"

namespace smol {

// Throws Error(kUsage), one line with the place below `where`: no candidates, an id twice, an id that is nobody's
// (chosen, reference, beaten_by, an example's prediction), an interval upside down, a throughput of nothing.
void check_planning(const PlanningResult& planning, const std::string& where);

}  // namespace smol
