// Intervals for what a calibration set measured, by groups: items of a group are not independent of each other, so
// groups are what is counted. Pure and deterministic. Sources: Clopper and Pearson 1934; Korn and Graubard 1998
// (proportions of clustered samples); Tango 1998 (paired differences); Hesterberg 2015 (expanded percentiles);
// Chernozhukov, Chetverikov and Kato 2013 (maxima by multiplier bootstrap); Romano, Shaikh and Wolf 2014 (leaving out
// what is clearly outside).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "smol/plan/accuracy.h"

namespace smol {

inline constexpr double kConfidence = 0.95;

// Exact, for independent trials. 0 trials: [0, 1].
Interval clopper_pearson(int64_t successes, int64_t trials, double confidence = kConfidence);

// Of any statistic of the totals of columns (values by item), resampling whole groups; percentiles are widened for
// few groups. F1 is 2 a / (2 a + b + c) of the totals of true positives, false positives and false negatives. Empty
// `groups`: every item on its own. One group: the whole line.
struct BootstrapOptions {
  double confidence = kConfidence;
  int resamples = 2000;
  uint64_t seed = 1;
};
Interval clustered_bootstrap(std::span<const uint32_t> groups, std::span<const std::vector<double>> columns,
                             const std::function<double(std::span<const double>)>& statistic,
                             const BootstrapOptions& options = {});

// The metric of a calibration set with all that intervals are made of.
struct ClusteredEstimate {
  double value = 0;
  double standard_error = 0;      // between groups
  std::vector<double> residuals;  // of each group: its part of the value's error; they add up to 0
  int64_t items = 0;              // that count (for precision: those called positive)
  int64_t groups = 0;             // that hold such items
};

// Throws Error(kUsage): outcomes of another length, or with a value that the metric does not have.
ClusteredEstimate estimate(const CalibrationSet& set, const Outcomes& outcomes);

// Of one metric that was not selected among others.
Interval interval(const CalibrationSet& set, const Outcomes& outcomes, double confidence = kConfidence);

// Of all `outcomes` at once: with probability `confidence` every one of them holds, and so does the one that is
// selected, however it is.
std::vector<Interval> simultaneous_intervals(const CalibrationSet& set, std::span<const Outcomes> outcomes,
                                             double confidence = kConfidence);

// How much worse than a reference: in the metric's unit, above 0: worse.
struct PairedLoss {
  double loss = 0;
  double upper = 0;       // one-sided bound at the confidence
  double lower = 0;       // the same below
  bool resolved = false;  // the set can tell them apart: 0 is not between the bounds
};

// Of one pair that was not selected among others.
PairedLoss paired_loss(const CalibrationSet& set, const Outcomes& outcomes, const Outcomes& reference,
                       double confidence = kConfidence);

// Of all `contenders` (indices) against outcomes[reference] at once: with probability `confidence` the upper bound
// holds for the one that is selected because its upper bound is at most `max_loss` (infinite: however it is
// selected). Contenders that are clearly worse than `max_loss` cost the others nothing. The result has the order of
// `contenders`.
std::vector<PairedLoss> simultaneous_losses(const CalibrationSet& set, std::span<const Outcomes> outcomes,
                                            size_t reference, std::span<const size_t> contenders, double max_loss,
                                            double confidence = kConfidence);

}  // namespace smol
