#include "smol/measure/metric_interval.h"

#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "smol/base/hash.h"

namespace smol {
namespace {

constexpr int kResamples = 2000;
constexpr double kTail = 0.025;

// Every metric is a ratio of two sums over items.
struct Sums {
  double above = 0;
  double below = 0;
  double ratio() const { return below > 0 ? above / below : 0; }
};

void add(Sums& sums, float outcome, Metric metric) {
  const double tp = outcome == kTruePositive ? 1 : 0;
  const double fp = outcome == kFalsePositive ? 1 : 0;
  const double fn = outcome == kFalseNegative ? 1 : 0;
  switch (metric) {
    case Metric::kTop1:
    case Metric::kTop5:
    case Metric::kMeanAbsoluteError:
      sums.above += static_cast<double>(outcome);
      sums.below += 1;
      return;
    case Metric::kF1:
      sums.above += 2 * tp;
      sums.below += 2 * tp + fp + fn;
      return;
    case Metric::kPrecision:
      sums.above += tp;
      sums.below += tp + fp;
      return;
    case Metric::kRecall:
      sums.above += tp;
      sums.below += tp + fn;
      return;
  }
}

std::vector<Sums> sums_by_group(const CalibrationSet& set, const Outcomes& outcomes, Metric metric) {
  std::vector<Sums> groups(*std::max_element(set.groups.begin(), set.groups.end()) + size_t{1});
  for (size_t i = 0; i < outcomes.values.size(); ++i) add(groups[set.groups[i]], outcomes.values[i], metric);
  return groups;
}

// Groups are drawn with replacement; the percentiles of the statistic over the draws.
Interval bootstrap(size_t groups, const std::function<double(std::span<const uint32_t> counts)>& statistic) {
  std::vector<uint32_t> counts(groups, 1);
  Interval interval;
  interval.value = statistic(counts);
  std::vector<double> draws;
  uint64_t state = 0;
  for (int i = 0; i < kResamples; ++i) {
    std::fill(counts.begin(), counts.end(), 0);
    for (size_t j = 0; j < groups; ++j) ++counts[mix64(++state) % groups];
    draws.push_back(statistic(counts));
  }
  std::sort(draws.begin(), draws.end());
  const auto tail = static_cast<size_t>(kTail * kResamples);
  interval.low = std::min(interval.value, draws[tail]);
  interval.high = std::max(interval.value, draws[kResamples - 1 - tail]);
  return interval;
}

double ratio(std::span<const Sums> groups, std::span<const uint32_t> counts) {
  Sums sums;
  for (size_t i = 0; i < groups.size(); ++i) {
    sums.above += counts[i] * groups[i].above;
    sums.below += counts[i] * groups[i].below;
  }
  return sums.ratio();
}

}  // namespace

Interval metric_interval(const CalibrationSet& set, const Outcomes& outcomes, Metric metric) {
  const std::vector<Sums> groups = sums_by_group(set, outcomes, metric);
  return bootstrap(groups.size(), [&](std::span<const uint32_t> counts) { return ratio(groups, counts); });
}

Interval difference_interval(const CalibrationSet& set, const Outcomes& candidate, const Outcomes& reference,
                             Metric metric) {
  const std::vector<Sums> a = sums_by_group(set, candidate, metric);
  const std::vector<Sums> b = sums_by_group(set, reference, metric);
  return bootstrap(a.size(), [&](std::span<const uint32_t> counts) { return ratio(a, counts) - ratio(b, counts); });
}

}  // namespace smol
