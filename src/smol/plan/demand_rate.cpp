#include <algorithm>
#include <limits>

#include "smol/plan/cost_model.h"

namespace smol {

double items_per_s(const ResourceDemand& demand, const Capacities& capacities) {
  double slowest = std::numeric_limits<double>::infinity();
  const auto limit = [&slowest](double capacity, double needed) {
    if (capacity > 0 && needed > 0) slowest = std::min(slowest, capacity / needed);
  };
  limit(capacities.cores, demand.cpu_core_s);
  limit(capacities.devices, demand.device_s);
  limit(capacities.copy_bytes_per_s, demand.bytes_copied);
  limit(capacities.read_bytes_per_s, demand.bytes_read);
  return slowest;
}

}  // namespace smol
