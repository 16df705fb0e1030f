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
  struct sigaction wake{};
  wake.sa_handler = [](int) {};  // without SA_RESTART: a blocking read ends with EINTR
  sigaction(SIGUSR2, &wake, nullptr);
}

InterruptWatch::InterruptWatch(std::function<void()> on_first) : on_first_(std::move(on_first)) {
  thread_ = std::jthread([this, signals = watched_signals(), watched_thread = pthread_self()] {
    for (bool first = true;; first = false) {
      int signal = SIGUSR1;
      while (signal == SIGUSR1) {  // from elsewhere it means nothing
        sigwait(&signals, &signal);
        if (ended_) return;
      }
      if (!first) exit_interrupted();  // committed chunks are safe
      on_first_();
      pthread_kill(watched_thread, SIGUSR2);  // it may be waiting for a list on stdin
    }
  });
}

void exit_interrupted() { _exit(exit_code(ErrorCode::kInterrupted)); }

InterruptWatch::~InterruptWatch() {
  ended_ = true;
  pthread_kill(thread_.native_handle(), SIGUSR1);
}

}  // namespace smol::cli
