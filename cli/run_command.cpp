#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "commands.h"
#include "interrupt.h"
#include "plan_choice.h"
#include "progress.h"
#include "smol/base/error.h"
#include "smol/preproc/cut.h"

namespace smol::cli {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// A line for each cut that can pay.
std::string cuts_text(const PlanStage& stage, const std::string& reason) {
  const PreprocGraph& graph = stage.manifest.preprocessing;
  const int planned = stage.formats.front().cpu_ops;
  const size_t chosen = planned < 0 ? graph.ops.size() : static_cast<size_t>(planned);
  std::vector<size_t> cuts = possible_cuts(graph);
  if (std::find(cuts.begin(), cuts.end(), chosen) == cuts.end()) cuts.push_back(chosen);
  std::string text;
  for (const size_t cut : cuts) {
    text += fmt::format(
        "  cut {}: {}{}\n", cut,
        needs_uniform_input(graph, cut) ? "for pictures of one size only" : to_text(cut_graph(graph, cut)),
        cut == chosen ? " <- chosen (" + reason + ")" : "");
  }
  return text;
}

int say_what_would_be_done(RunJob& job) {
  const Plan& plan = job.plan();
  const InputCounts counts = job.count_inputs();
  print(fmt::format("would run {} items ({} other files skipped) through {}\n  {}\n{}  plan {}\n", counts.items,
                    counts.skipped, plan.stages.front().model.string(),
                    to_text(plan.stages.front().manifest.preprocessing),
                    cuts_text(plan.stages.front(), job.cut_reason()), plan_id(plan)));
  return 0;
}

// A run that was planned and begun goes on with its plan: measured again, another one might win.
Plan planned(const RunArguments& arguments) {
  const std::vector<Constraint>& constraints = arguments.choice.constraints;
  const std::filesystem::path begun = arguments.request.out / "plan.json";
  if (!arguments.request.out.empty() && !arguments.request.overwrite && std::filesystem::exists(begun)) {
    Plan plan = read_plan(begun);
    const auto is_same = [&](const PlanningResult& made) {
      return made.constraint == constraints.front() &&
             std::equal(made.also.begin(), made.also.end(), constraints.begin() + 1, constraints.end());
    };
    if (!plan.planning || !is_same(*plan.planning)) {
      throw Error(ErrorCode::kUsage,
                  "the folder holds a run that was not planned with these constraints: name another "
                  "folder, or begin anew with --overwrite: " +
                      arguments.request.out.string());
    }
    return plan;
  }
  PlanChoice choice = choose_plan(arguments.choice);
  if (!choice.plan) refuse_infeasible(choice.outcome.result);
  const Assessment* chosen = find_candidate(choice.outcome.result, choice.outcome.result.chosen);
  std::fprintf(stderr, "smol: chosen: %s on %s: %s\n", model_text(chosen->candidate).c_str(),
               to_string(chosen->candidate.stages.front().format).c_str(), chosen->reason.c_str());
  return std::move(*choice.plan);
}

int exit_code_of(const RunReport& report, double max_failure_rate) {
  if (report.interrupted) {
    std::fputs("smol: interrupted; the same command continues\n", stderr);
    return exit_code(ErrorCode::kInterrupted);
  }
  const double rate = report.items > 0 ? static_cast<double>(report.failed) / static_cast<double>(report.items) : 0;
  if (rate > max_failure_rate || report.failed == report.items) {
    std::fprintf(
        stderr, "smol: %s\n",
        fmt::format("{} of {} items failed, allowed with --max-failure-rate: {}", report.failed, report.items,
                    report.failed == report.items ? "not all" : fmt::format("{:.3g}", max_failure_rate))
            .c_str());
    return exit_code(ErrorCode::kTooManyFailed);
  }
  return 0;
}

}  // namespace

int run_command(const RunArguments& arguments) {
  const BlockedSignals blocked;  // before the backend makes threads: they inherit the mask
  RunRequest request = arguments.request;
  if (!arguments.choice.constraints.empty()) request.plan = planned(arguments);
  const auto backend = make_backend(request.plan ? request.plan->engine.backend : arguments.backend);
  RunJob job(std::move(request), *backend, posix_file_system());
  const InterruptWatch watch([&] { job.stop(); });
  if (arguments.dry_run) return say_what_would_be_done(job);
  job.prepare();
  RunReport report;
  {
    const ProgressDisplay progress(arguments.progress, job.live(), job.total_items(), job.items_already_committed());
    report = job.execute();
  }
  print(to_table(report));
  return exit_code_of(report, arguments.max_failure_rate);
}

}  // namespace smol::cli
