#include "smol/plan/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "smol/base/error.h"
#include "smol/plan/clusters.h"
#include "smol/plan/distributions.h"
#include "smol/plan/max_deviation.h"
#include "smol/plan/score_bound.h"

namespace smol {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// An item's part of the two sums whose ratio the metric is.
struct Parts {
  double numerator = 0;
  double denominator = 1;
};

Parts parts(Metric metric, float value) {
  const auto is = [value](float outcome) { return value == outcome ? 1.0 : 0.0; };
  switch (metric) {
    case Metric::kTop1:
    case Metric::kTop5:
    case Metric::kMeanAbsoluteError: return {value, 1};
    case Metric::kPrecision: return {is(kTruePositive), is(kTruePositive) + is(kFalsePositive)};
    case Metric::kRecall: return {is(kTruePositive), is(kTruePositive) + is(kFalseNegative)};
    case Metric::kF1: return {2 * is(kTruePositive), 2 * is(kTruePositive) + is(kFalsePositive) + is(kFalseNegative)};
  }
  return {};
}

bool is_possible(Metric metric, float value) {
  switch (metric) {
    case Metric::kTop1:
    case Metric::kTop5: return value == 0 || value == 1;
    case Metric::kMeanAbsoluteError: return value >= 0 && std::isfinite(value);
    default:
      return value == kTrueNegative || value == kTruePositive || value == kFalsePositive || value == kFalseNegative;
  }
}

void check(const CalibrationSet& set, const Outcomes& outcomes) {
  const size_t items = set.ids.size();
  if (items == 0 || outcomes.values.size() != items || (!set.groups.empty() && set.groups.size() != items)) {
    throw Error(ErrorCode::kUsage,
                "a calibration set needs items, with an outcome and a group each: " + std::to_string(items) +
                    " items, " + std::to_string(outcomes.values.size()) + " outcomes");
  }
  for (const float value : outcomes.values) {
    if (!is_possible(set.metric, value)) {
      throw Error(ErrorCode::kUsage, "an outcome that the metric " + std::string(name(set.metric)) +
                                         " does not have: " + std::to_string(value));
    }
  }
}

ClusteredEstimate estimate_in(const CalibrationSet& set, const Clusters& clusters, const Outcomes& outcomes) {
  check(set, outcomes);
  std::vector<double> numerators(clusters.count);
  std::vector<double> denominators(clusters.count);
  ClusteredEstimate made;
  double numerator = 0;
  double denominator = 0;
  for (size_t i = 0; i < outcomes.values.size(); ++i) {
    const Parts item = parts(set.metric, outcomes.values[i]);
    numerators[clusters.of_item[i]] += item.numerator;
    denominators[clusters.of_item[i]] += item.denominator;
    numerator += item.numerator;
    denominator += item.denominator;
    made.items += item.denominator > 0 ? 1 : 0;
  }
  made.residuals.resize(clusters.count);
  if (denominator <= 0) return made;  // no positive at all: nothing to be precise about
  made.value = numerator / denominator;
  double squares = 0;
  for (size_t g = 0; g < clusters.count; ++g) {
    made.groups += denominators[g] > 0 ? 1 : 0;
    made.residuals[g] = (numerators[g] - made.value * denominators[g]) / denominator;
    squares += made.residuals[g] * made.residuals[g];
  }
  const auto groups = static_cast<double>(made.groups);
  made.standard_error = made.groups > 1 ? std::sqrt(squares * groups / (groups - 1)) : kInfinity;
  return made;
}

// As many independent items as tell as much: items over the design effect. At the ends, where nothing varies, every
// group counts once.
double effective_items(const ClusteredEstimate& of) {
  const double variance = of.standard_error * of.standard_error;
  const double spread = of.value * (1 - of.value);
  if (spread <= 0 || variance <= 0) return static_cast<double>(of.groups);
  return std::min(spread / variance, static_cast<double>(of.items));
}

// The probability `two_sided_tail` is what may fall outside, on both sides together.
Interval interval_at(const CalibrationSet& set, const ClusteredEstimate& of, double two_sided_tail) {
  const bool is_share = set.metric != Metric::kMeanAbsoluteError;
  if (of.groups < 2) return {of.value, 0, is_share ? 1 : kInfinity};
  const double upper_probability = 1 - two_sided_tail / 2;
  const double t = t_quantile(upper_probability, static_cast<double>(of.groups - 1));
  if (!is_share) {
    return {of.value, std::max(0.0, of.value - t * of.standard_error), of.value + t * of.standard_error};
  }
  const double z = normal_quantile(upper_probability);
  const double trials = effective_items(of) * (z / t) * (z / t);
  const double hits = of.value * trials;
  const double misses = trials - hits;
  // A share next to an end may count as less than one hit: beta takes fractions.
  return {of.value, std::min(of.value, beta_quantile(1 - upper_probability, hits, misses + 1)),
          std::max(of.value, beta_quantile(upper_probability, hits + 1, misses))};
}

// The level at which each interval alone has to be, so that all hold together at `confidence`.
double tail_for_all(const Residuals& residuals, double confidence) {
  const double tail = 1 - confidence;
  const double deviation = max_deviation_quantile(residuals, confidence, true);
  return std::clamp(2 * normal_cdf(-deviation), tail / static_cast<double>(residuals.size()), tail);
}

// What a pair of outcomes says: items that only one of them has right, or an estimate of the difference.
struct Pair {
  double loss = 0;  // above 0: worse than the reference
  double standard_error = 0;
  std::vector<double> residuals;
  double only_reference = 0;  // items, of 0-or-1 metrics
  double only_plan = 0;
  double differing = 0;  // items whose outcomes differ
  double items = 0;
  int64_t groups = 0;
  double reference_design_effect = 1;
  double largest_effect = 1;  // that one item in `items` can have on the metric, times `items`
};

bool counts_items(Metric metric) { return metric == Metric::kTop1 || metric == Metric::kTop5; }

Pair pair_of(const CalibrationSet& set, const Outcomes& outcomes, const ClusteredEstimate& plan,
             const Outcomes& reference_outcomes, const ClusteredEstimate& reference) {
  const double sign = larger_is_better(set.metric) ? 1 : -1;
  Pair pair;
  pair.loss = sign * (reference.value - plan.value);
  pair.items = static_cast<double>(set.ids.size());
  pair.groups = static_cast<int64_t>(plan.residuals.size());
  pair.residuals.resize(plan.residuals.size());
  double squares = 0;
  for (size_t g = 0; g < pair.residuals.size(); ++g) {
    pair.residuals[g] = sign * (reference.residuals[g] - plan.residuals[g]);
    squares += pair.residuals[g] * pair.residuals[g];
  }
  const auto groups = static_cast<double>(pair.groups);
  pair.standard_error = pair.groups > 1 ? std::sqrt(squares * groups / (groups - 1)) : kInfinity;
  for (size_t i = 0; i < outcomes.values.size(); ++i) {
    if (outcomes.values[i] == reference_outcomes.values[i]) continue;
    ++pair.differing;
    (reference_outcomes.values[i] > outcomes.values[i] ? pair.only_reference : pair.only_plan) += 1;
  }
  pair.reference_design_effect =
      std::max(1.0, static_cast<double>(reference.items) / std::max(1.0, effective_items(reference)));
  if (set.metric == Metric::kMeanAbsoluteError) {
    for (const float value : reference_outcomes.values) {
      pair.largest_effect = std::max(pair.largest_effect, double{value});
    }
  } else if (!counts_items(set.metric)) {
    pair.largest_effect =
        pair.items / std::max<double>(1, static_cast<double>(std::min(plan.items, reference.items)));
  }
  return pair;
}

PairedLoss loss_at(const CalibrationSet& set, const Pair& pair, double one_sided_tail) {
  if (pair.groups < 2) return {pair.loss, kInfinity, -kInfinity, false};
  const double t = t_quantile(1 - one_sided_tail, static_cast<double>(pair.groups - 1));
  PairedLoss made;
  made.loss = pair.loss;
  const double variance = pair.standard_error * pair.standard_error;
  if (counts_items(set.metric)) {
    // Design effect of the difference; where no item differs, that of the reference's own answers.
    const double independent = (pair.differing / pair.items - pair.loss * pair.loss) / pair.items;
    const double effect =
        independent > 0 && variance > 0 ? std::max(1.0, variance / independent) : pair.reference_design_effect;
    const double items = pair.items / effect;
    made.upper = paired_score_bound(pair.only_reference / effect, pair.only_plan / effect, items, t);
    made.lower = -paired_score_bound(pair.only_plan / effect, pair.only_reference / effect, items, t);
  } else {
    const double items = pair.items / pair.reference_design_effect;
    // Where hardly an item differs, a share of z^2 / (n + z^2) could differ and not be seen.
    const double unseen = pair.largest_effect * t * t / (items + t * t);
    made.upper = std::max(pair.loss + t * pair.standard_error, unseen);
    made.lower = std::min(pair.loss - t * pair.standard_error, -unseen);
  }
  made.resolved = made.lower > 0 || made.upper < 0;
  return made;
}

}  // namespace

ClusteredEstimate estimate(const CalibrationSet& set, const Outcomes& outcomes) {
  return estimate_in(set, number_clusters(set.groups, set.ids.size()), outcomes);
}

Interval interval(const CalibrationSet& set, const Outcomes& outcomes, double confidence) {
  return interval_at(set, estimate(set, outcomes), 1 - confidence);
}

std::vector<Interval> simultaneous_intervals(const CalibrationSet& set, std::span<const Outcomes> outcomes,
                                             double confidence) {
  const Clusters clusters = number_clusters(set.groups, set.ids.size());
  std::vector<ClusteredEstimate> estimates;
  Residuals residuals;
  for (const Outcomes& each : outcomes) {
    estimates.push_back(estimate_in(set, clusters, each));
    residuals.push_back(estimates.back().residuals);
  }
  if (estimates.empty()) return {};
  const double tail = tail_for_all(residuals, confidence);
  std::vector<Interval> intervals;
  for (const ClusteredEstimate& each : estimates) intervals.push_back(interval_at(set, each, tail));
  return intervals;
}

PairedLoss paired_loss(const CalibrationSet& set, const Outcomes& outcomes, const Outcomes& reference,
                       double confidence) {
  return loss_at(set, pair_of(set, outcomes, estimate(set, outcomes), reference, estimate(set, reference)),
                 1 - confidence);
}

std::vector<PairedLoss> simultaneous_losses(const CalibrationSet& set, std::span<const Outcomes> outcomes,
                                            size_t reference, std::span<const size_t> contenders, double max_loss,
                                            double confidence) {
  // One part in ten of what may go wrong is spent on telling who is clearly worse.
  const double tail = 1 - confidence;
  const double screening_tail = tail / 10;
  const Clusters clusters = number_clusters(set.groups, set.ids.size());
  const ClusteredEstimate of_reference = estimate_in(set, clusters, outcomes[reference]);
  std::vector<Pair> pairs;
  Residuals residuals;
  for (const size_t contender : contenders) {
    pairs.push_back(pair_of(set, outcomes[contender], estimate_in(set, clusters, outcomes[contender]),
                            outcomes[reference], of_reference));
    residuals.push_back(pairs.back().residuals);
  }
  if (pairs.empty()) return {};
  const double screening = max_deviation_quantile(residuals, 1 - screening_tail, false);
  std::vector<double> shifts;
  for (const Pair& pair : pairs) {
    const double distance = pair.standard_error > 0 ? (pair.loss - max_loss) / pair.standard_error : 0;
    shifts.push_back(std::max(0.0, distance - screening));
  }
  const double deviation = max_deviation_quantile(residuals, 1 - (tail - screening_tail), false, shifts);
  const double each_tail =
      std::clamp(normal_cdf(-deviation), (tail - screening_tail) / static_cast<double>(pairs.size()), tail);
  std::vector<PairedLoss> losses;
  for (const Pair& pair : pairs) losses.push_back(loss_at(set, pair, each_tail));
  return losses;
}

}  // namespace smol
