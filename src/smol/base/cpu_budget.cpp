#include "smol/base/cpu_budget.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace smol {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void tighten(double& quota, double found) {
  if (found > 0 && (quota == 0 || found < quota)) quota = found;
}

// The quota of every cgroup from this process's own up to the root counts: the tightest wins.
double cgroup_quota() {
  double quota = 0;
  std::istringstream lines(read_text("/proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && controllers.find("cpu") == std::string::npos) continue;
    const std::filesystem::path root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
    std::filesystem::path below = std::filesystem::path(line.substr(second + 1)).relative_path();
    while (true) {
      const std::filesystem::path group = root / below;
      if (v2) {
        tighten(quota, parse_cpu_max(read_text(group / "cpu.max")));
      } else {
        tighten(quota,
                parse_cpu_max(read_text(group / "cpu.cfs_quota_us") + " " + read_text(group / "cpu.cfs_period_us")));
      }
      if (below.empty()) break;
      below = below.parent_path();
    }
  }
  return quota;
}

}  // namespace

double parse_cpu_max(const std::string& text) {
  std::istringstream words(text);
  double quota_us = 0;
  double period_us = 0;
  if (!(words >> quota_us >> period_us) || quota_us <= 0 || period_us <= 0) return 0;
  return quota_us / period_us;
}

CpuBudget cpu_budget() {
  CpuBudget budget;
  budget.online = std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  cpu_set_t mask;
  budget.affinity = sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : budget.online;
  budget.quota = cgroup_quota();
  budget.cores = std::max(1, budget.affinity);
  budget.reason = budget.affinity < budget.online ? "affinity mask allows " + std::to_string(budget.affinity) +
                                                        " of " + std::to_string(budget.online)
                                                  : "all of the machine";
  // Rounded up: 1.5 cores keep two threads busy, each for three quarters of the time.
  const int by_quota = budget.quota > 0 ? std::max(1, static_cast<int>(std::ceil(budget.quota))) : budget.cores;
  if (by_quota < budget.cores) {
    budget.cores = by_quota;
    std::ostringstream reason;
    reason << "cgroup quota of " << budget.quota;
    budget.reason = reason.str();
  }
  return budget;
}

}  // namespace smol
