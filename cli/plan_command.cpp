#include <fmt/format.h>

#include "commands.h"
#include "interrupt.h"
#include "plan_choice.h"
#include "smol/base/file_system.h"

namespace smol::cli {
namespace {

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
  const PlanChoice choice = choose_plan(arguments);
  const PlanJobOutcome& outcome = choice.outcome;
  const PlanningResult& result = outcome.result;
  if (!choice.plan) {
    if (arguments.explain) fmt::print("{}", explanation(result));
    refuse_infeasible(result);
  }
  const std::string json = to_json(*choice.plan);
  write_atomically(posix_file_system(), arguments.out, json);
  if (arguments.json) {
    fmt::print("{}", json);
    return 0;
  }
  const Assessment* chosen = find_candidate(result, result.chosen);
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
