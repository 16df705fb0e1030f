// What `smol profile` and `smol plan` do first: load models, look at the inputs, measure what is not known.
#pragma once

#include <memory>
#include <vector>

#include "profile_arguments.h"
#include "smol/measure/input_survey.h"
#include "smol/measure/model_set.h"
#include "smol/measure/profile_job.h"

namespace smol::cli {

struct MeasuredProfile {
  std::unique_ptr<Backend> backend;
  std::vector<LoadedModel> models;
  InputSurvey survey;
  std::vector<InputFormat> formats;
  int threads = 1;
  std::filesystem::path file;
  ProfileOutcome outcome;
};

// Reads and writes the profile file; shows progress and notes on stderr. Throws Error.
MeasuredProfile measure_profile(MeasuringArguments arguments);

}  // namespace smol::cli
