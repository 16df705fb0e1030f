// What `smol plan` does, and `smol run` with a constraint: profile, evaluate, plan, run the shortlist.
#pragma once

#include <optional>

#include "plan_arguments.h"
#include "smol/measure/plan_job.h"
#include "smol/plan/plan.h"

namespace smol::cli {

struct PlanChoice {
  PlanJobOutcome outcome;
  std::optional<Plan> plan;  // nothing: no candidate meets the constraint
};

// Signals are blocked by the caller. Progress and notes go to stderr; what was measured is kept. Throws Error.
PlanChoice choose_plan(const PlanArguments& arguments);

// Throws Error(kInfeasible) that names the nearest miss.
[[noreturn]] void refuse_infeasible(const PlanningResult& result);

}  // namespace smol::cli
