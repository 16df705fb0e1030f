// What an item costs on each resource of a machine, and what the machine has of each.
#pragma once

namespace smol {

// Per item. Seconds of thread CPU time, seconds of the accelerator, bytes moved to it, bytes read from storage.
struct ResourceDemand {
  double cpu_core_s = 0;
  double device_s = 0;
  double bytes_copied = 0;
  double bytes_read = 0;
  bool operator==(const ResourceDemand&) const = default;
};

inline ResourceDemand operator+(const ResourceDemand& a, const ResourceDemand& b) {
  return {a.cpu_core_s + b.cpu_core_s, a.device_s + b.device_s, a.bytes_copied + b.bytes_copied,
          a.bytes_read + b.bytes_read};
}
inline ResourceDemand operator*(double factor, const ResourceDemand& demand) {
  return {factor * demand.cpu_core_s, factor * demand.device_s, factor * demand.bytes_copied,
          factor * demand.bytes_read};
}

// 0: not a limit. Producers and streams are settings of a plan: how many threads prepare items, and how many batches
// the DNN works on at once, each on one thread.
struct Capacities {
  double cores = 1;
  double devices = 0;
  double copy_bytes_per_s = 0;
  double read_bytes_per_s = 0;
  double producers = 0;
  double streams = 0;
  bool operator==(const Capacities&) const = default;
};

}  // namespace smol
