#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "commands.h"
#include "input_arguments.h"
#include "interrupt.h"
#include "measured_profile.h"
#include "progress.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"
#include "smol/measure/evaluation_job.h"
#include "smol/measure/plan_job.h"
#include "smol/measure/profile_file.h"
#include "step_progress.h"

namespace smol::cli {
namespace {

Evaluation evaluate(const PlanArguments& arguments, const MeasuredProfile& measured) {
  if (!arguments.evaluation.empty()) return read_evaluation(arguments.evaluation);
  EvaluationRequest request;
  request.inputs = arguments.measuring.inputs;
  request.dataset = arguments.measuring.dataset;
  if (!arguments.calibration.empty()) request.inputs.source = arguments.calibration.string();
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

std::string line(const char* what, const Assessment& plan, const Assessment* reference) {
  const CandidateStage& stage = plan.candidate.stages.front();
  std::string text = fmt::format("  {:<11} {} on {}: {:.1f} items/s{}, {:.1f} % [{:.1f}, {:.1f}]", what,
                                 model_text(plan.candidate), to_string(stage.format), plan.items_per_s(),
                                 plan.candidate.measured_items_per_s ? "" : " (estimated)", 100 * plan.accuracy.value,
                                 100 * plan.accuracy.low, 100 * plan.accuracy.high);
  if (reference != nullptr && reference != &plan) {
    text += fmt::format("; {:.2f} times as fast, loses {:.1f} points, at most {:.1f}",
                        plan.items_per_s() / reference->items_per_s(), 100 * plan.loss, 100 * plan.loss_upper);
  }
  return text + "\n";
}

std::string front_text(const PlanningResult& result, const Assessment* reference) {
  std::string text;
  for (const Assessment& candidate : result.candidates) {
    if (candidate.pareto) text += line("front", candidate, reference);
  }
  return text;
}

}  // namespace

int plan_command(const PlanArguments& arguments) {
  const BlockedSignals blocked;  // before the backend makes threads: they inherit the mask
  MeasuredProfile measured = measure_profile(arguments.measuring);
  const Evaluation evaluation = evaluate(arguments, measured);
  PlanJobRequest request;
  if (!arguments.constraints.empty()) {
    request.constraint = arguments.constraints.front();
    request.also.assign(arguments.constraints.begin() + 1, arguments.constraints.end());
  }
  request.prices = default_prices();
  request.made_at = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  request.shortlist.limits = arguments.measuring.limits;
  const PlanJobInputs inputs{measured.models,  *measured.backend, measured.survey,
                             measured.formats, evaluation,        measured.threads};
  PlanJobOutcome outcome;
  {
    StepProgress progress("plan");
    request.progress = [&](const ProfileProgress& step) { progress.show(step.what, step.done); };
    outcome = make_plan(measured.outcome.profile, inputs, request);
  }
  if (outcome.measured > 0) write_profile(measured.outcome.profile, measured.file, posix_file_system());
  const PlanningResult& result = outcome.result;
  const Assessment* chosen = find_candidate(result, result.chosen);
  if (chosen == nullptr) {
    if (arguments.explain) fmt::print("{}", explanation(result));
    throw Error(ErrorCode::kInfeasible,
                result.nearest_miss ? result.nearest_miss->explanation : "no plan meets the constraint");
  }
  const std::string json = to_json(plan_of(result, *chosen, inputs, request));
  write_atomically(posix_file_system(), arguments.out, json);
  if (arguments.json) {
    fmt::print("{}", json);
    return 0;
  }
  const Assessment* reference = find_candidate(result, result.calibration.reference);
  if (arguments.explain) {
    fmt::print("{}", explanation(result));
  } else {
    fmt::print("{} candidates; {} run end to end now; accuracy on {} items in {} groups{}\n",
               result.candidates.size(), outcome.measured, result.calibration.items, result.calibration.groups,
               result.calibration.labelled ? "" : " is agreement with the reference model");
    fmt::print("{}", front_text(result, reference));
    if (reference != nullptr) fmt::print("{}", line("reference", *reference, nullptr));
  }
  fmt::print("{}  why         {}\n  plan        {}\n", line("chosen", *chosen, reference), chosen->reason,
             arguments.out.string());
  return 0;
}

}  // namespace smol::cli
