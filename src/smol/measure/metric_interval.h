// A metric of a calibration set with its interval, and the paired difference of two candidates.
#pragma once

#include "smol/plan/accuracy.h"

namespace smol {

// 95 %.
Interval metric_interval(const CalibrationSet& set, const Outcomes& outcomes, Metric metric);

// Of `candidate` minus `reference`, on the same items.
Interval difference_interval(const CalibrationSet& set, const Outcomes& candidate, const Outcomes& reference,
                             Metric metric);

}  // namespace smol
