// How many items a second a plan will run: four models behind one interface (paper §4).
//
// A plan is a list of stages, one unless it is a cascade. Stage j is reached by the share alpha_j of the items
// (alpha_1 = 1). All four are pure and thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "smol/plan/resource_demand.h"

namespace smol {

struct StageCost {
  double pass_rate = 1;          // alpha_j: the share of all items that reaches this stage, 0..1
  ResourceDemand preprocessing;  // per item of this stage: read, decode, CPU graph
  ResourceDemand execution;      // per item of this stage: DNN with its in-graph suffix
  ResourceDemand sink;           // per item of this stage; the paper's models know no sink
  double contention = 0;         // share by which `execution` grows while `preprocessing` shares the cores with it
  bool operator==(const StageCost&) const = default;
};

class CostModel {
 public:
  virtual ~CostModel() = default;
  virtual std::string_view name() const = 0;  // the key in plan.json: "resource_model", ...
  // Infinite if the stages need nothing of what is limited.
  virtual double items_per_s(std::span<const StageCost> stages, const Capacities& capacities) const = 0;
};

// Eq. 2: T = 1 / sum_j alpha_j / T_exec(j). Preprocessing is ignored (BlazeIt, NoScope).
const CostModel& execution_only_model();
// Eq. 3: 1/T = 1/T_pre + 1/T_exec. Overlap is ignored (Tahoma).
const CostModel& no_overlap_model();
// Eq. 4: T = min(T_pre, T_exec). Assumes that the two share no resource (Smol on a GPU host).
const CostModel& paper_min_model();
// Ours: T = min_r C_r / sum_s alpha_s d_{s,r}. Equals eq. 4 where preprocessing and DNN own different resources, eq.
// 3 where both run on the same cores.
const CostModel& resource_model();

// The resource that the resource model finds full: "cpu", "device", "copy", "disk", "producers" or "streams" ("none":
// nothing is limited).
struct ResourceBound {
  std::string_view resource;
  double items_per_s = 0;
};
ResourceBound resource_bound(std::span<const StageCost> stages, const Capacities& capacities);

// The slowest of a demand's resources, on its own: T_pre and T_exec of equations 2 to 4.
double items_per_s(const ResourceDemand& demand, const Capacities& capacities);

}  // namespace smol
