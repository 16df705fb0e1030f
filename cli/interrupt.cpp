#include "interrupt.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

#include "smol/base/error.h"

namespace smol::cli {
namespace {

sigset_t watched_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);  // ends the watch
  return signals;
}

}  // namespace

BlockedSignals::BlockedSignals() {
  const sigset_t signals = watched_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

InterruptWatch::InterruptWatch(std::function<void()> on_first) : on_first_(std::move(on_first)) {
  thread_ = std::jthread([this, signals = watched_signals()] {
    for (bool first = true;; first = false) {
      int signal = 0;
      sigwait(&signals, &signal);
      if (signal == SIGUSR1) return;
      if (!first) _exit(exit_code(ErrorCode::kInterrupted));  // committed chunks are safe
      on_first_();
    }
  });
}

InterruptWatch::~InterruptWatch() { pthread_kill(thread_.native_handle(), SIGUSR1); }

}  // namespace smol::cli
