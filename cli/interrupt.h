// SIGINT and SIGTERM, taken by a thread instead of a handler: the first stops cleanly, the second at once.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace smol::cli {

// Blocks the watched signals in this thread and in all that it makes afterwards. Make it before any other thread.
class BlockedSignals {
 public:
  BlockedSignals();
};

// Waits for the signals that BlockedSignals keeps from everybody else; `on_first` runs on its thread, and a blocking
// read of the thread that made the watch is woken (EINTR).
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> on_first);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  std::function<void()> on_first_;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

[[noreturn]] void exit_interrupted();

// `work` where a signal ends the process at once, with the exit code of an interruption: nothing would be lost.
template <typename Work>
auto interruptible(Work work) {
  const InterruptWatch watch(exit_interrupted);
  return work();
}

}  // namespace smol::cli
