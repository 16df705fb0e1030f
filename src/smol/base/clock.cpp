#include "smol/base/clock.h"

#include <ctime>

namespace smol {
namespace {

int64_t read_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t wall_ns() { return read_ns(CLOCK_MONOTONIC); }
int64_t thread_cpu_ns() { return read_ns(CLOCK_THREAD_CPUTIME_ID); }
int64_t process_cpu_ns() { return read_ns(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace smol
