#include "smol/plan/feasibility.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace smol {
namespace {

std::vector<Constraint> all_of(const PlanningResult& of) {
  std::vector<Constraint> all = {of.constraint};
  all.insert(all.end(), of.also.begin(), of.also.end());
  return all;
}

std::string limit_text(const Constraint& constraint, const PlanningResult& of) {
  switch (constraint.kind) {
    case ConstraintKind::kMaxLoss:
    case ConstraintKind::kPareto:
      return fmt::format("a loss of at most {} against {}", difference_text(constraint.value, of.calibration.metric),
                         of.calibration.reference);
    case ConstraintKind::kMinAccuracy:
      return fmt::format("{} of at least {:.4g}", of.calibration.labelled ? name(of.calibration.metric) : "agreement",
                         constraint.value);
    case ConstraintKind::kMinThroughput: return fmt::format("at least {}", rate_text(constraint.value));
    case ConstraintKind::kMaxCost: return fmt::format("at most {:.4g} cents per million items", constraint.value);
    case ConstraintKind::kMaxLatency: return fmt::format("an answer within {:.4g} ms", constraint.value);
    case ConstraintKind::kFastest: return "nothing but speed";
  }
  return "";
}

std::string miss_text(const Assessment& assessment, const Constraint& constraint, const PlanningResult& of) {
  switch (constraint.kind) {
    case ConstraintKind::kMaxLoss:
    case ConstraintKind::kPareto:
      return fmt::format("its loss against {} is {} and may be {} (upper 95 % bound), more than {}",
                         of.calibration.reference, difference_text(assessment.loss, of.calibration.metric),
                         difference_text(assessment.loss_upper, of.calibration.metric),
                         difference_text(constraint.value, of.calibration.metric));
    case ConstraintKind::kMinAccuracy:
      return fmt::format("{:.4g} is measured, and it may be {:.4g} (lower bound), less than {:.4g}",
                         assessment.accuracy.value, assessment.accuracy.low, constraint.value);
    case ConstraintKind::kMinThroughput:
      return fmt::format("{}, less than {}", rate_text(assessment.items_per_s()), rate_text(constraint.value));
    case ConstraintKind::kMaxCost:
      return fmt::format("{:.4g} cents per million items, more than {:.4g}", assessment.cents_per_million,
                         constraint.value);
    case ConstraintKind::kMaxLatency:
      return fmt::format("{:.4g} ms to an answer, more than {:.4g}", assessment.latency_ms, constraint.value);
    case ConstraintKind::kFastest: return "";
  }
  return "";
}

}  // namespace

bool is_about_accuracy(ConstraintKind kind) {
  return kind == ConstraintKind::kMaxLoss || kind == ConstraintKind::kPareto || kind == ConstraintKind::kMinAccuracy;
}

bool maximises_throughput(ConstraintKind kind) { return is_about_accuracy(kind) || kind == ConstraintKind::kFastest; }

bool meets(const Assessment& assessment, const Constraint& constraint, double slack) {
  switch (constraint.kind) {
    case ConstraintKind::kMaxLoss:
    case ConstraintKind::kPareto: return assessment.loss_upper <= constraint.value;
    case ConstraintKind::kMinAccuracy: return assessment.accuracy.low >= constraint.value;
    case ConstraintKind::kMinThroughput: return assessment.items_per_s() * (1 + slack) >= constraint.value;
    case ConstraintKind::kMaxCost: return assessment.cents_per_million <= constraint.value * (1 + slack);
    case ConstraintKind::kMaxLatency: return assessment.latency_ms <= constraint.value * (1 + slack);
    case ConstraintKind::kFastest: return true;
  }
  return true;
}

bool accurate_enough(const Assessment& assessment, const PlanningResult& of) {
  const auto holds = [&](const Constraint& each) { return !is_about_accuracy(each.kind) || meets(assessment, each); };
  return holds(of.constraint) && std::all_of(of.also.begin(), of.also.end(), holds);
}

bool fast_enough(const Assessment& assessment, const PlanningResult& of, double slack) {
  const auto holds = [&](const Constraint& each) {
    return is_about_accuracy(each.kind) || meets(assessment, each, slack);
  };
  return holds(of.constraint) && std::all_of(of.also.begin(), of.also.end(), holds);
}

double goodness(const Assessment& assessment, Metric metric) {
  return larger_is_better(metric) ? assessment.accuracy.value : -assessment.accuracy.value;
}

std::string constraints_text(const PlanningResult& of) {
  std::string text;
  for (const Constraint& constraint : all_of(of)) text += (text.empty() ? "" : " and ") + limit_text(constraint, of);
  return text;
}

std::string first_miss(const Assessment& assessment, const PlanningResult& of) {
  for (const Constraint& constraint : all_of(of)) {
    if (!meets(assessment, constraint)) return miss_text(assessment, constraint, of);
  }
  return "";
}

std::string difference_text(double difference, Metric metric) {
  if (metric == Metric::kMeanAbsoluteError) return fmt::format("{:.3g}", difference);
  return std::isfinite(difference) ? fmt::format("{:.2f} points", 100 * difference) : "anything";
}

std::string rate_text(double items_per_s) {
  return items_per_s < 100 ? fmt::format("{:.3g} items/s", items_per_s) : fmt::format("{:.0f} items/s", items_per_s);
}

}  // namespace smol
