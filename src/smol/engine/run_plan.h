// The plan of a run: as given, or made of flags, manifest and dataset.
#pragma once

#include <memory>

#include "smol/engine/row.h"
#include "smol/engine/run_request.h"
#include "smol/infer/backend.h"
#include "smol/plan/plan.h"

namespace smol {

struct LoadedPlan {
  Plan plan;  // cut and engine settings as given, not yet chosen
  std::unique_ptr<Model> model;
  RowSchema schema;  // without plan_id and frames
};

// Fills in what `request` leaves to the plan and the dataset, loads the model, and checks that all fit each other.
// Throws Error(kUsage).
LoadedPlan load_plan(RunRequest& request, Backend& backend);

}  // namespace smol
