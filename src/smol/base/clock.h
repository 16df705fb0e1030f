// Time: wall time for what people wait for, thread CPU time for what a stage costs.
#pragma once

#include <cstdint>

namespace smol {

int64_t wall_ns();         // monotonic; ~25 ns a call
int64_t thread_cpu_ns();   // of the calling thread; a system call, ~0.3 us
int64_t process_cpu_ns();  // of all threads

}  // namespace smol
