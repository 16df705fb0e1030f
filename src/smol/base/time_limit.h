// A limit on a thread's CPU time, cheap to ask for often.
#pragma once

#include "smol/base/clock.h"
#include "smol/base/result.h"

namespace smol {

class TimeLimit {
 public:
  explicit TimeLimit(double seconds)
      : limit_ns_(static_cast<int64_t>(seconds * 1e9)), wall_start_ns_(wall_ns()), cpu_start_ns_(thread_cpu_ns()) {}

  // CPU time cannot be over before wall time is, and that is cheaper to read.
  bool is_over() const {
    return wall_ns() - wall_start_ns_ > limit_ns_ && thread_cpu_ns() - cpu_start_ns_ > limit_ns_;
  }

 private:
  int64_t limit_ns_;
  int64_t wall_start_ns_;
  int64_t cpu_start_ns_;
};

inline ItemError time_limit_error() {
  return {ItemErrorCode::kTimeLimit, "decoding takes longer than --max-seconds"};
}

}  // namespace smol
