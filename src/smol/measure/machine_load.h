// How busy this machine is with other things: what a measurement has to be judged by.
#pragma once

#include <cstdint>

namespace smol {

struct MachineLoad {
  int64_t wall_ns = 0;
  int64_t process_cpu_ns = 0;
  int64_t machine_cpu_ns = 0;  // of all processes, as far as /proc/stat shows them; steps of 10 ms
};

MachineLoad machine_load();

// Cores that processes other than this one used between two readings; 0 where /proc/stat cannot be read.
double others_busy_cores(const MachineLoad& before, const MachineLoad& after);

}  // namespace smol
