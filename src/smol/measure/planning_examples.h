// A few pictures with what the plans on the front say of them: for `smol report`.
#pragma once

#include <vector>

#include "smol/measure/evaluation.h"
#include "smol/measure/model_set.h"
#include "smol/plan/planning_result.h"

namespace smol {

// At most `most`: first those on which the chosen plan and the reference differ in being right, then those on which
// any two plans of the front do, then the first ones. Empty if the evaluation has no answers (read from a file) or no
// pictures.
std::vector<PlanningExample> planning_examples(const PlanningResult& result, const Evaluation& evaluation,
                                               const std::vector<LoadedModel>& models, size_t most = 12);

}  // namespace smol
