#include "smol/measure/this_machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "smol/base/cpu_budget.h"

namespace smol {
namespace {

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    // "model name" on x86; arm64 has no name, but numbers that say as much.
    if (line.rfind("model name", 0) != 0 && line.rfind("CPU part", 0) != 0) continue;
    const size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    if (value != std::string::npos) return line.substr(value);
  }
  return "unknown";
}

}  // namespace

MachineIdentity this_machine(const std::string& smol_version, const Backend& backend) {
  const CpuBudget budget = cpu_budget();
  MachineIdentity machine;
  machine.cpu = cpu_model();
  // A quota of 1.5 cores is a capacity of 1.5, whatever number of threads it is used with.
  machine.cores = budget.quota > 0 && budget.quota < budget.cores ? budget.quota : budget.cores;
  machine.memory_bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  utsname system{};
  uname(&system);
  machine.versions = {{"smol", smol_version}, {"kernel", system.release}, {backend.name(), backend.version()}};
  return machine;
}

}  // namespace smol
