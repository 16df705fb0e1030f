// How many cores this process may really use: affinity mask and cgroup quota, not the number in the machine.
#pragma once

#include <string>

namespace smol {

struct CpuBudget {
  int cores = 1;       // what to plan threads for: at least 1
  int online = 1;      // in the machine
  int affinity = 1;    // allowed by the affinity mask (taskset, cpuset)
  double quota = 0;    // cores by the tightest cgroup CPU quota; 0: none
  std::string reason;  // "2 cores: affinity mask allows 2 of 8", for people
};

CpuBudget cpu_budget();

// Parses cgroup v2 "cpu.max" ("max 100000", "150000 100000"): cores, 0 for no quota or for text that is not of that
// form.
double parse_cpu_max(const std::string& text);

}  // namespace smol
