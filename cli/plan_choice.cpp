#include "plan_choice.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <optional>

#include "input_arguments.h"
#include "interrupt.h"
#include "measured_profile.h"
#include "progress.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"
#include "smol/measure/evaluation_job.h"
#include "smol/measure/profile_file.h"
#include "step_progress.h"

namespace smol::cli {
namespace {

Evaluation evaluate(const PlanArguments& arguments, const MeasuredProfile& measured) {
  EvaluationRequest request;
  request.inputs = arguments.measuring.inputs;
  request.dataset = arguments.measuring.dataset;
  if (!arguments.calibration.empty()) {  // whole: limits and samples are of the inputs
    request.inputs = {};
    request.inputs.source = arguments.calibration.string();
    request.inputs.limits = arguments.measuring.inputs.limits;
  }
  request.models = arguments.measuring.models;
  request.formats = measured.formats;
  request.labels_csv = arguments.labels_csv;
  request.reference_model = arguments.reference_model;
  request.limits = arguments.measuring.limits;
  request.threads = arguments.measuring.threads;
  request.compiled_models = default_cache_directory();
  request.prediction_folder = default_cache_directory();
  EvaluationJob job(std::move(request), *measured.backend, posix_file_system());
  const InterruptWatch watch([&] { job.stop(); });
  job.prepare();
  if (job.unlabelled_items() > 0)
    fmt::print(stderr, "smol: {} items have no label and are left out\n", job.unlabelled_items());
  const ProgressDisplay progress(ProgressMode::kAuto, job.live(), job.predictions(), job.known_predictions());
  return job.execute();
}

}  // namespace

PlanChoice choose_plan(const PlanArguments& arguments) {
  PlanJobRequest request;
  // Files that may be wrong are read before anything is measured.
  request.prices = arguments.prices.empty() ? default_prices() : read_prices(arguments.prices);
  std::optional<Evaluation> known;
  if (!arguments.evaluation.empty()) known = read_evaluation(arguments.evaluation);
  MeasuredProfile measured = interruptible([&] { return measure_profile(arguments.measuring); });
  const Evaluation evaluation = known ? *std::move(known) : evaluate(arguments, measured);
  if (!arguments.constraints.empty()) {
    request.constraint = arguments.constraints.front();
    request.also.assign(arguments.constraints.begin() + 1, arguments.constraints.end());
  }
  request.made_at = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  request.shortlist.limits = arguments.measuring.limits;
  // One candidate takes about a tenth of the budget for all demands: a small budget means short runs here, too.
  request.shortlist.run_s = std::clamp(arguments.measuring.budget_s / 30, 0.1, 2.0);
  request.shortlist.budget_s = 5 * request.shortlist.run_s;
  const PlanJobInputs inputs{measured.models,  *measured.backend, measured.survey,
                             measured.formats, evaluation,        measured.threads};
  PlanChoice choice;
  PlanJobOutcome& outcome = choice.outcome;
  {
    StepProgress progress("plan");
    request.progress = [&](const ProfileProgress& step) { progress.show(step.what, step.done); };
    outcome = interruptible([&] { return make_plan(measured.outcome.profile, inputs, request); });
  }
  if (outcome.measured > 0) write_profile(measured.outcome.profile, measured.file, posix_file_system());
  if (const Assessment* chosen = find_candidate(outcome.result, outcome.result.chosen)) {
    choice.plan = plan_of(outcome.result, *chosen, inputs, request);
  }
  return choice;
}

void refuse_infeasible(const PlanningResult& result) {
  throw Error(ErrorCode::kInfeasible,
              result.nearest_miss ? result.nearest_miss->explanation : "no plan meets the constraint");
}

}  // namespace smol::cli
