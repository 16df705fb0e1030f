#include <algorithm>
#include <limits>

#include "smol/plan/cost_model.h"

namespace smol {
namespace {

class ResourceModel final : public CostModel {
 public:
  std::string_view name() const override { return "resource_model"; }
  double items_per_s(std::span<const StageCost> stages, const Capacities& capacities) const override {
    return resource_bound(stages, capacities).items_per_s;
  }
};

}  // namespace

const CostModel& resource_model() {
  static const ResourceModel model;
  return model;
}

ResourceBound resource_bound(std::span<const StageCost> stages, const Capacities& capacities) {
  ResourceDemand preparing;
  ResourceDemand executing;
  ResourceDemand writing;
  double contention_s = 0;
  for (const StageCost& stage : stages) {
    preparing = preparing + stage.pass_rate * stage.preprocessing;
    executing = executing + stage.pass_rate * stage.execution;
    writing = writing + stage.pass_rate * stage.sink;
    contention_s += stage.pass_rate * stage.execution.cpu_core_s * stage.contention;
  }
  const ResourceDemand all = preparing + executing + writing;
  ResourceBound bound{"none", std::numeric_limits<double>::infinity()};
  const auto limit = [&bound](std::string_view resource, double capacity, double needed) {
    if (capacity > 0 && needed > 0 && capacity / needed < bound.items_per_s) bound = {resource, capacity / needed};
  };
  limit("cpu", capacities.cores, all.cpu_core_s + (preparing.cpu_core_s > 0 ? contention_s : 0));
  limit("device", capacities.devices, all.device_s);
  limit("copy", capacities.copy_bytes_per_s, all.bytes_copied);
  limit("disk", capacities.read_bytes_per_s, all.bytes_read);
  // A thread is on one core at a time: few producers or streams cannot fill many cores.
  limit("producers", capacities.producers, preparing.cpu_core_s);
  limit("streams", capacities.streams, executing.cpu_core_s);
  return bound;
}

}  // namespace smol
