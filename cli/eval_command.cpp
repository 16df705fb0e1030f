#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "commands.h"
#include "interrupt.h"
#include "progress.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"

namespace smol::cli {
namespace {

constexpr size_t kShownFailures = 5;

bool is_share(Metric metric) { return metric != Metric::kMeanAbsoluteError; }

// Shares as per cent, errors as they are.
std::string text(const Interval& interval, Metric metric) {
  const double unit = is_share(metric) ? 100 : 1;
  return fmt::format("{:.4g} [{:.4g}, {:.4g}]", unit * interval.value, unit * interval.low, unit * interval.high);
}

std::string difference_text(const EvaluatedCandidate& candidate, Metric metric) {
  if (!candidate.difference) return "reference";
  const double unit = is_share(metric) ? 100 : 1;
  const Interval& difference = *candidate.difference;
  return fmt::format("{:+.4g} [{:+.4g}, {:+.4g}]{}", unit * difference.value, unit * difference.low,
                     unit * difference.high, is_resolved(difference) ? "" : "  unresolved");
}

std::string metric_title(Metric metric, const Evaluation& evaluation) {
  return evaluation.set.labelled ? std::string(name(metric)) : fmt::format("{} agreement", name(metric));
}

void print_table(const Evaluation& evaluation) {
  const Metric metric = evaluation.set.metric;
  const auto groups = evaluation.set.groups.empty()
                          ? size_t{0}
                          : size_t{*std::max_element(evaluation.set.groups.begin(), evaluation.set.groups.end())} + 1;
  fmt::print("{} items", evaluation.set.ids.size());
  if (groups < evaluation.set.ids.size()) fmt::print(" in {} groups", groups);
  const std::string with =
      evaluation.set.labelled ? "" : fmt::format(" with {}, no accuracy", evaluation.reference_model);
  fmt::print("; {}{}; 95 % intervals\n", metric_title(metric, evaluation), with);
  size_t model_width = 5;
  size_t format_width = 6;
  for (const EvaluatedCandidate& candidate : evaluation.candidates) {
    model_width = std::max(model_width, candidate.model.size());
    format_width = std::max(format_width, to_string(candidate.format).size());
  }
  fmt::print("  {:<{}}  {:<{}}", "model", model_width, "format", format_width);
  for (const auto& [one, interval] : evaluation.candidates.front().metrics) fmt::print("  {:<22}", name(one));
  fmt::print("  {:<32}  failed\n", "difference");
  for (const EvaluatedCandidate& candidate : evaluation.candidates) {
    fmt::print("  {:<{}}  {:<{}}", candidate.model, model_width, to_string(candidate.format), format_width);
    for (const auto& [one, interval] : candidate.metrics) fmt::print("  {:<22}", text(interval, one));
    fmt::print("  {:<32}  {}\n", difference_text(candidate, metric), candidate.failed.size());
  }
  const EvaluatedCandidate& reference = evaluation.candidates[evaluation.reference];
  fmt::print("Differences are to {} on {}, item by item. Unresolved: these items cannot tell the two apart.\n",
             reference.model, to_string(reference.format));
}

// Each item once for each way in which it fails, not once a model.
void print_failures(const Evaluation& evaluation) {
  std::map<std::string, std::string> failures;
  for (const EvaluatedCandidate& candidate : evaluation.candidates) {
    for (const FailedItem& item : candidate.failed) {
      failures.emplace(fmt::format("{} ({})", item.id, to_string(candidate.format)),
                       fmt::format("{}: {}", item.code, item.message));
    }
  }
  size_t shown = 0;
  for (const auto& [item, error] : failures) {
    if (++shown > kShownFailures) break;
    fmt::print(stderr, "smol: {}: {}\n", item, error);
  }
  if (failures.size() > kShownFailures)
    fmt::print(stderr, "smol: {} further items failed; they count as wrong\n", failures.size() - kShownFailures);
}

}  // namespace

int eval_command(const EvalArguments& arguments) {
  const BlockedSignals blocked;  // before the backend makes threads: they inherit the mask
  const auto backend = make_backend("openvino");
  EvaluationJob job(arguments.request, *backend, posix_file_system());
  const InterruptWatch watch([&] { job.stop(); });
  job.prepare();
  if (job.unlabelled_items() > 0)
    fmt::print(stderr, "smol: {} items have no label and are left out\n", job.unlabelled_items());
  Evaluation evaluation;
  {
    const ProgressDisplay progress(arguments.progress, job.live(), job.predictions(), job.known_predictions());
    evaluation = job.execute();
  }
  const std::string json = to_json(evaluation);
  if (!arguments.out.empty()) write_atomically(posix_file_system(), arguments.out, json + "\n");
  print_failures(evaluation);
  if (arguments.json) {
    fmt::print("{}\n", json);
  } else {
    print_table(evaluation);
  }
  const bool has_nothing =
      std::all_of(evaluation.candidates.begin(), evaluation.candidates.end(),
                  [&](const auto& one) { return one.failed.size() == evaluation.set.ids.size(); });
  return has_nothing ? exit_code(ErrorCode::kTooManyFailed) : 0;
}

}  // namespace smol::cli
