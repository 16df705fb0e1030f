// Chooses a plan (paper §3.1, §4, §5.2). Pure: the same problem gives the same result.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smol/plan/accuracy.h"
#include "smol/plan/candidate.h"
#include "smol/plan/constraint.h"
#include "smol/plan/planning_result.h"
#include "smol/plan/prices.h"
#include "smol/plan/resource_demand.h"

namespace smol {

struct PlanningProblem {
  CalibrationSet calibration;
  std::vector<Outcomes> outcomes;     // one for each (models, input formats) that differ in answers
  std::vector<size_t> full_outcomes;  // those at full resolution and full decode: the best of them is the reference
  std::vector<Candidate> candidates;  // ids unique
  Capacities capacities;
  Prices prices;
  Constraint constraint;         // says what is made as good as possible
  std::vector<Constraint> also;  // further limits that have to hold
};

// 10,000 candidates with 200 different outcomes of 1,000 items: under a second. Throws Error(kUsage) for a problem
// that makes no sense (no candidate, an index out of range, outcomes of another length than the calibration set).
// Another constraint needs no new measurement: call it again.
PlanningResult plan(const PlanningProblem& problem);

// Which candidates to run end to end before the choice counts (§3.1): those that are not measured yet and are chosen,
// or could be chosen if estimates err by `margin` (0.1: 10 %), also where the estimates say that nothing is feasible:
// the fastest first, at most `limit` together with all that are measured, but always the choice. Empty: nothing is
// left to measure. Loop: measure, set measured_items_per_s, plan() again, until it is empty.
std::vector<std::string> candidates_to_measure(const PlanningResult& result, double margin = 0.1, size_t limit = 8);

}  // namespace smol
