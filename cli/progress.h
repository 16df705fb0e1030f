// Progress of a run on stderr: one live line on a terminal, JSON lines otherwise.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "arguments.h"
#include "smol/engine/pipeline.h"

namespace smol::cli {

// Shows until destroyed. Runs a thread of its own that wakes a few times a second.
class ProgressDisplay {
 public:
  ProgressDisplay(ProgressMode mode, const LiveCounters& live, uint64_t total, uint64_t already_done);
  ~ProgressDisplay();

 private:
  void show_until_finished();
  void show(bool last);

  const ProgressMode mode_;
  const LiveCounters& live_;
  const uint64_t total_;
  const uint64_t already_done_;
  const int64_t start_ns_;
  int64_t last_ns_;
  uint64_t last_items_ = 0;
  double items_per_s_ = 0;  // smoothed
  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;
  std::jthread thread_;
};

// What auto means here: tty if stderr is a terminal, json otherwise.
ProgressMode resolve(ProgressMode mode);

// "1 h 02 min", "3 min 05 s", "42 s".
std::string duration_text(double seconds);

}  // namespace smol::cli
