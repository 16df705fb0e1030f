#include "smol/plan/candidate.h"

namespace smol {

StageCost stage_cost(const StageDemand& demand, double pass_rate) {
  StageCost cost;
  cost.pass_rate = pass_rate;
  cost.preprocessing.cpu_core_s = demand.read_s + demand.decode_s + demand.preprocess_s;
  cost.preprocessing.bytes_read = demand.bytes_read;
  cost.execution.cpu_core_s = demand.infer_core_s;
  cost.execution.device_s = demand.infer_device_s;
  cost.execution.bytes_copied = demand.bytes_copied;
  cost.sink.cpu_core_s = demand.sink_s;
  cost.contention = demand.contention;
  return cost;
}

std::vector<StageCost> stage_costs(const Candidate& candidate) {
  std::vector<StageCost> costs;
  for (const CandidateStage& stage : candidate.stages) costs.push_back(stage_cost(stage.demand, stage.pass_rate));
  return costs;
}

Capacities capacities_of(const Candidate& candidate, Capacities machine) {
  machine.producers = candidate.threads;
  machine.streams = candidate.streams;
  return machine;
}

StageDemand total_demand(const Candidate& candidate) {
  StageDemand total;
  for (const CandidateStage& stage : candidate.stages) {
    const StageDemand& demand = stage.demand;
    total.read_s += stage.pass_rate * demand.read_s;
    total.decode_s += stage.pass_rate * demand.decode_s;
    total.preprocess_s += stage.pass_rate * demand.preprocess_s;
    total.bytes_read += stage.pass_rate * demand.bytes_read;
    total.infer_core_s += stage.pass_rate * demand.infer_core_s;
    total.infer_device_s += stage.pass_rate * demand.infer_device_s;
    total.bytes_copied += stage.pass_rate * demand.bytes_copied;
    total.sink_s += stage.pass_rate * demand.sink_s;
    total.contention = total.contention > demand.contention ? total.contention : demand.contention;
  }
  return total;
}

std::string model_text(const Candidate& candidate) {
  std::string text;
  for (const CandidateStage& stage : candidate.stages) text += (text.empty() ? "" : " > ") + stage.name;
  return text;
}

}  // namespace smol
