// Why a plan was chosen: every candidate with its estimates, its accuracy, and what beat it. The `planning` section
// of plan.json; `smol plan --explain` and `smol report` show it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smol/plan/accuracy.h"
#include "smol/plan/candidate.h"
#include "smol/plan/constraint.h"
#include "smol/plan/prices.h"
#include "smol/plan/profile.h"

namespace smol {

enum class CandidateStatus : uint8_t {
  kChosen,
  kFront,       // not beaten in accuracy and throughput, but something else suits the constraint better
  kDominated,   // `beaten_by` is at least as accurate and at least as fast
  kInfeasible,  // on the front, and does not meet the constraint
};
std::string_view name(CandidateStatus status);  // "chosen", "front", "dominated", "infeasible"

// Items per second by each cost model.
struct ThroughputEstimates {
  double resource_model = 0;
  double execution_only = 0;
  double no_overlap = 0;
  double paper_min = 0;
  bool operator==(const ThroughputEstimates&) const = default;
};

struct Assessment {
  Candidate candidate;
  Interval accuracy;      // simultaneous over all candidates: holds for the one that is chosen
  double loss = 0;        // against the reference, in the metric's unit; above 0: worse than it
  double loss_upper = 0;  // its upper 95 % bound, simultaneous over all that could be chosen
  bool resolved = false;  // the calibration set can tell it from the reference (either way)
  ThroughputEstimates estimates;
  std::string bound_by;  // "cpu", "device", "copy", "disk", "producers", "streams"
  double cents_per_million = 0;
  double latency_ms = 0;  // from reading an item to its answer, at full load
  bool pareto = false;
  CandidateStatus status = CandidateStatus::kFront;
  std::string beaten_by;  // an id; empty: nobody
  std::string reason;     // one sentence

  // Measured if it was, else the resource model's.
  double items_per_s() const { return candidate.measured_items_per_s.value_or(estimates.resource_model); }
  bool operator==(const Assessment&) const = default;
};

// No plan meets the constraint: who comes closest.
struct NearestMiss {
  std::string most_accurate;  // id: nearest to the accuracy that is asked for, of those that are fast enough
  std::string fastest;        // id: nearest to the speed that is asked for, of those that are accurate enough
  std::string explanation;    // one line
  bool operator==(const NearestMiss&) const = default;
};

struct PlanningExample {
  std::string id;
  std::string image;  // path
  std::string label;
  std::map<std::string, std::string> predictions;  // by candidate id
  bool operator==(const PlanningExample&) const = default;
};

struct CalibrationSummary {
  int64_t items = 0;
  int64_t groups = 0;
  Metric metric = Metric::kTop1;
  bool labelled = true;
  std::string reference;  // id
  bool operator==(const CalibrationSummary&) const = default;
};

struct PlanningResult {
  std::string made_at;      // ISO date; the caller's
  MachineIdentity machine;  // the caller's
  CalibrationSummary calibration;
  Constraint constraint;
  std::vector<Constraint> also;
  Prices prices;
  std::string chosen;  // id; empty: nothing is feasible
  std::optional<NearestMiss> nearest_miss;
  std::vector<Assessment> candidates;     // in the order of the problem
  std::vector<PlanningExample> examples;  // the caller's
  bool operator==(const PlanningResult&) const = default;
};

// Null: no such id.
const Assessment* find_candidate(const PlanningResult& result, std::string_view id);

// The `planning` section. parse_planning(to_json(r), ...) == r but for what Candidate says is not kept.
std::string to_json(const PlanningResult& result);
PlanningResult parse_planning(std::string_view json, const std::string& where);  // throws Error(kUsage)

// `smol plan --explain`: a table of all candidates, the fastest first, and a sentence for each.
std::string explanation(const PlanningResult& result);

}  // namespace smol
