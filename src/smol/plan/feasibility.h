// Whether a candidate meets the constraints, on the side of accuracy and on the side of speed and cost.
#pragma once

#include <span>
#include <string>

#include "smol/plan/planning_result.h"

namespace smol {

bool is_about_accuracy(ConstraintKind kind);  // max_loss, min_accuracy
// fastest, max_loss, pareto, min_accuracy: throughput is made as large as possible; else accuracy is.
bool maximises_throughput(ConstraintKind kind);

// `slack`: 0.1 lets pass what misses a limit of speed or cost by 10 %.
bool meets(const Assessment& assessment, const Constraint& constraint, double slack = 0);
// All of constraint and also that are, or are not, about accuracy.
bool accurate_enough(const Assessment& assessment, const PlanningResult& of);
bool fast_enough(const Assessment& assessment, const PlanningResult& of, double slack = 0);

// Larger is better, whatever the metric.
double goodness(const Assessment& assessment, Metric metric);

// "a loss of at most 1 point", "at least 500 items/s", ...; several joined by "and".
std::string constraints_text(const PlanningResult& of);
// What the first constraint that does not hold is about: "its loss against c0 may be 2.3 points, more than 1". Empty:
// all hold.
std::string first_miss(const Assessment& assessment, const PlanningResult& of);

// 0.0123 of a share: "1.23 points"; of MAE as it is.
std::string difference_text(double difference, Metric metric);
std::string rate_text(double items_per_s);  // "12.3 items/s"

}  // namespace smol
