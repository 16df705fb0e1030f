// From measurements to a plan: candidates, the planner, and the few that are run end to end.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "smol/measure/evaluation.h"
#include "smol/measure/input_survey.h"
#include "smol/measure/model_set.h"
#include "smol/measure/profile_job.h"
#include "smol/measure/shortlist.h"
#include "smol/plan/plan.h"
#include "smol/plan/planner.h"
#include "smol/plan/profile.h"

namespace smol {

struct PlanJobRequest {
  Constraint constraint;         // says what is made as good as possible
  std::vector<Constraint> also;  // further limits
  Prices prices;
  std::string made_at;  // ISO date
  std::string output = "topk";
  int topk = 5;
  ShortlistSettings shortlist;
  std::function<void(const ProfileProgress&)> progress = [](const ProfileProgress&) {};
};

// What is chosen from. All was measured on this machine (profile) and on one calibration set (evaluation).
struct PlanJobInputs {
  const std::vector<LoadedModel>& models;
  const Backend& backend;
  const InputSurvey& survey;
  const std::vector<InputFormat>& formats;
  const Evaluation& evaluation;
  int threads = 1;
};

struct PlanJobOutcome {
  PlanningResult result;
  int measured = 0;  // candidates run end to end now
  int known = 0;     // whose end-to-end figure was in the profile
};

// Candidates are models x formats x cuts x batch sizes that the profile knows the demands of, with the accuracies of
// the evaluation; without either a pair is left out. Those that the planner wants measured are run, and what they did
// is added to `profile`. Throws Error(kUsage) if the evaluation has no pair of a model and a format in common with
// the profile.
PlanJobOutcome make_plan(Profile& profile, const PlanJobInputs& inputs, const PlanJobRequest& request);

// The plan.json of a candidate, with the `planning` section. Items that lack its rendition fall back to the largest.
Plan plan_of(const PlanningResult& result, const Assessment& chosen, const PlanJobInputs& inputs,
             const PlanJobRequest& request);

}  // namespace smol
