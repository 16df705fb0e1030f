#include "measured_profile.h"

#include <fmt/format.h>

#include <cstdio>

#include "input_arguments.h"
#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/measure/profile_file.h"
#include "smol/measure/this_machine.h"
#include "step_progress.h"
#include "version.h"

namespace smol::cli {
namespace {

constexpr uint64_t kSampledItems = 256;
constexpr uint64_t kSampleSeed = 1;
constexpr double kDisturbed = 0.1;  // of a core, used by others

std::filesystem::path profile_file(const MeasuringArguments& arguments) {
  if (!arguments.profile.empty()) return arguments.profile;
  const std::filesystem::path cache = default_cache_directory();
  if (cache.empty())
    throw Error(ErrorCode::kUsage, "there is no cache folder (HOME is not set): name a profile file");
  return cache / "profile.json";
}

}  // namespace

MeasuredProfile measure_profile(MeasuringArguments arguments) {
  MeasuredProfile measured;
  measured.backend = make_backend(arguments.backend);
  measured.file = profile_file(arguments);
  const Profile known = read_profile(measured.file, this_machine(kVersion, *measured.backend));
  measured.models = load_models(arguments.models, *measured.backend, default_cache_directory());
  arguments.inputs.limits = arguments.limits;
  arguments.inputs.dataset = find_dataset(arguments.dataset, arguments.inputs.source);
  measured.survey = survey_inputs(arguments.inputs, posix_file_system(), kSampledItems, kSampleSeed);
  measured.formats = arguments.formats.empty() ? default_formats(measured.survey, smallest_input(measured.models))
                                               : arguments.formats;
  measured.threads = arguments.threads > 0 ? arguments.threads : cpu_budget().cores;
  ProfileRequest request;
  request.formats = measured.formats;
  request.limits = arguments.limits;
  request.threads = measured.threads;
  request.budget_s = arguments.budget_s;
  {
    StepProgress progress("profile");
    request.progress = [&](const ProfileProgress& step) { progress.show(step.what, step.done); };
    measured.outcome = measure_profile(known, measured.survey, measured.models, *measured.backend, request);
  }
  const ProfileOutcome& outcome = measured.outcome;
  for (const std::string& note : outcome.notes) std::fprintf(stderr, "smol: %s\n", note.c_str());
  if (outcome.measured == 0) return measured;
  if (outcome.others_busy > kDisturbed || outcome.unsettled > 0) {
    std::fputs(fmt::format("smol: of {} figures {} have not settled within 3 %; other programs used {:.1f} cores "
                           "meanwhile: give a larger --budget, or measure on a quiet machine\n",
                           outcome.measured, outcome.unsettled, outcome.others_busy)
                   .c_str(),
               stderr);
  }
  write_profile(outcome.profile, measured.file, posix_file_system());
  return measured;
}

}  // namespace smol::cli
