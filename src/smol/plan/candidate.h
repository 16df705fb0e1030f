// One plan that could be chosen, with what it needs of the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smol/plan/cost_model.h"
#include "smol/plan/input_format.h"

namespace smol {

// Seconds and bytes per item that reaches the stage, from the profile.
struct StageDemand {
  double read_s = 0;  // core-seconds
  double decode_s = 0;
  double preprocess_s = 0;
  double bytes_read = 0;
  double infer_core_s = 0;
  double infer_device_s = 0;
  double bytes_copied = 0;
  double sink_s = 0;
  double contention = 0;  // ExecDemand::contention
  bool operator==(const StageDemand&) const = default;
};
StageCost stage_cost(const StageDemand& demand, double pass_rate = 1);

struct CandidateStage {
  size_t model = 0;  // the caller's index of it; not in plan.json
  std::string name;  // of the model, for people
  InputFormat format;
  int cpu_ops = -1;  // operations on the CPU; -1: all of them
  std::string cut;   // for people: "u8 HWC 224x224, then convert | normalise | layout"
  double pass_rate = 1;
  StageDemand demand;
  bool operator==(const CandidateStage&) const = default;
};

struct Candidate {
  std::string id;                      // "c12"
  std::vector<CandidateStage> stages;  // one, unless it is a cascade
  std::string backend = "openvino";
  int threads = 1;
  int streams = 1;
  int64_t batch = 1;
  size_t outcomes = 0;                         // index into PlanningProblem::outcomes; not in plan.json
  std::optional<double> measured_items_per_s;  // end to end; decides where it exists
  bool operator==(const Candidate&) const = default;
};

std::vector<StageCost> stage_costs(const Candidate& candidate);
// Those of the machine, and the candidate's producers and streams.
Capacities capacities_of(const Candidate& candidate, Capacities machine);
// Of all stages together, per item of the input: what stage j needs counts pass_rate times.
StageDemand total_demand(const Candidate& candidate);
std::string model_text(const Candidate& candidate);  // "lite0", of a cascade "lite0 > lite2"

}  // namespace smol
