// `smol profile` as a library call: measures what each stage needs here, what is not known yet.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "smol/engine/row.h"
#include "smol/infer/backend.h"
#include "smol/measure/input_survey.h"
#include "smol/measure/model_set.h"
#include "smol/plan/input_format.h"
#include "smol/plan/profile.h"

namespace smol {

struct ProfileProgress {
  std::string what;  // "full@1/8 for efficientnet-lite0"
  double done = 0;   // share of the budget or of the work, whichever is further
};

struct ProfileRequest {
  std::vector<InputFormat> formats;
  DecodeLimits limits;
  int threads = 1;  // producers and streams
  RowOutput output = RowOutput::kTopK;
  int topk = 5;
  double budget_s = 60;
  std::function<void(const ProfileProgress&)> progress = [](const ProfileProgress&) {};
};

struct ProfileOutcome {
  Profile profile;                 // what was known and what was measured now
  int measured = 0;                // demands
  int known = 0;                   // demands that were asked for and taken from `known`
  int unsettled = 0;               // measured ones whose two best runs differ by more than 3 %
  double others_busy = 0;          // cores that other processes used meanwhile
  std::vector<std::string> notes;  // what was left out, and why; one line each
};

// `known` was measured on this very machine (difference() is empty) or is empty but for machine and capacities. What
// it says of the same format, prefix and inputs, model, suffix, batch and streams, or rows is not measured again;
// what was not asked for stays in it.
//
// Prefixes: all producers at once over the same items, pass by pass, round and round over all of them, so that a
// drift of the machine's speed meets all alike; CPU time of the process, so that handing items and rows on counts.
// DNNs: all streams busy; then beside the cheapest prefix, which says what sharing the cores costs them. Each is
// repeated until its two best runs agree within 3 %, until the budget is used up. Two runs of each are made in any
// case.
ProfileOutcome measure_profile(const Profile& known, const InputSurvey& survey,
                               const std::vector<LoadedModel>& models, const Backend& backend,
                               const ProfileRequest& request);

}  // namespace smol
