// The candidates that could be chosen, run end to end on the user's own items: measurement decides (paper §3.1).
#pragma once

#include "smol/engine/pipeline.h"
#include "smol/measure/input_survey.h"
#include "smol/measure/model_set.h"
#include "smol/plan/profile.h"

namespace smol {

struct ShortlistSettings {
  DecodeLimits limits;
  int topk = 5;
  double run_s = 2;      // of one run, at least one pass over the items
  double budget_s = 10;  // for one candidate; two runs are made anyway
};

// What `measurement` says to run (all but its figures is filled in), which then has its figures: the best of runs
// until the two best agree within 3 %. Runs while other programs took a tenth of a core count only if there was no
// other within the budget. Rows are encoded and dropped. Throws Error(kFailed) if all items fail.
void measure_end_to_end(PipelineMeasurement& measurement, const LoadedModel& model,
                        const SurveyedRendition& rendition, const ShortlistSettings& settings);

// Null: not run yet under these circumstances.
const PipelineMeasurement* find_pipeline(const Profile& profile, const PipelineMeasurement& like);

}  // namespace smol
