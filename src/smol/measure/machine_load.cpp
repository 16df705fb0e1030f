#include "smol/measure/machine_load.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "smol/base/clock.h"

namespace smol {

MachineLoad machine_load() {
  MachineLoad load{wall_ns(), process_cpu_ns(), 0};
  std::ifstream in("/proc/stat");
  std::string word;
  int64_t user = 0;
  int64_t nice = 0;
  int64_t system = 0;
  int64_t idle = 0;
  int64_t io_wait = 0;
  int64_t irq = 0;
  int64_t soft_irq = 0;
  if (in >> word >> user >> nice >> system >> idle >> io_wait >> irq >> soft_irq) {
    load.machine_cpu_ns = (user + nice + system + irq + soft_irq) * (1'000'000'000 / sysconf(_SC_CLK_TCK));
  }
  return load;
}

double others_busy_cores(const MachineLoad& before, const MachineLoad& after) {
  const auto wall = static_cast<double>(std::max<int64_t>(1, after.wall_ns - before.wall_ns));
  const int64_t machine = after.machine_cpu_ns - before.machine_cpu_ns;
  const int64_t own = after.process_cpu_ns - before.process_cpu_ns;
  return std::max(0.0, static_cast<double>(machine - own) / wall);
}

}  // namespace smol
