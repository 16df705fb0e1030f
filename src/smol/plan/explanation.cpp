#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "smol/plan/feasibility.h"
#include "smol/plan/planning_result.h"

namespace smol {

std::string explanation(const PlanningResult& result) {
  std::string text;
  const auto add = [&text](const std::string& line) { text += line + "\n"; };
  const CalibrationSummary& set = result.calibration;
  add(fmt::format("{} candidates; {} items in {} groups, {}; reference {}", result.candidates.size(), set.items,
                  set.groups,
                  set.labelled ? std::string(name(set.metric)) : "agreement with the reference model (no labels)",
                  set.reference));
  add("wanted: " + constraints_text(result));
  if (!result.prices.as_of.empty()) add("prices as of " + result.prices.as_of + " (" + result.prices.source + ")");
  std::vector<const Assessment*> order;
  for (const Assessment& each : result.candidates) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(),
                   [](const Assessment* a, const Assessment* b) { return a->items_per_s() > b->items_per_s(); });
  size_t model_width = 5;
  size_t format_width = 6;
  const auto format_text = [](const Assessment& each) {
    std::string formats;
    for (const CandidateStage& stage : each.candidate.stages) {
      formats += (formats.empty() ? "" : " > ") + to_string(stage.format);
    }
    return formats;
  };
  for (const Assessment* each : order) {
    model_width = std::max(model_width, model_text(each->candidate).size());
    format_width = std::max(format_width, format_text(*each).size());
  }
  add(fmt::format("{:<10} {:<5} {:<{}} {:<{}} {:>9} {:>9} {:>6} {:>15} {:>7} {:>7} {:<9} {:>10} {:>9}", "status",
                  "id", "model", model_width, "format", format_width, "estimate", "measured",
                  set.labelled ? name(set.metric) : "agree", "interval", "loss", "at most", "bound by", "c/million",
                  "latency"));
  for (const Assessment* each : order) {
    const Candidate& candidate = each->candidate;
    add(fmt::format(
        "{:<10} {:<5} {:<{}} {:<{}} {:>9.4g} {:>9} {:>6.4f} {:>15} {:>7.4f} {:>7.4f} {:<9} {:>10.4g} {:>6.4g} ms",
        name(each->status), candidate.id, model_text(candidate), model_width, format_text(*each), format_width,
        each->estimates.resource_model,
        candidate.measured_items_per_s ? fmt::format("{:.4g}", *candidate.measured_items_per_s) : "-",
        each->accuracy.value, fmt::format("{:.4f}-{:.4f}", each->accuracy.low, each->accuracy.high), each->loss,
        each->loss_upper, each->bound_by, each->cents_per_million, each->latency_ms));
  }
  for (const Assessment* each : order) add(fmt::format("{}: {}", each->candidate.id, each->reason));
  if (result.nearest_miss) add(result.nearest_miss->explanation);
  return text;
}

}  // namespace smol
