// Progress of work that has steps instead of items: on stderr, one live line on a terminal, JSON lines otherwise.
#pragma once

#include <cstdint>
#include <string>

namespace smol::cli {

class StepProgress {
 public:
  explicit StepProgress(std::string task);          // "profile"
  ~StepProgress();                                  // clears the live line
  void show(const std::string& step, double done);  // done: 0..1

 private:
  const std::string task_;
  const bool tty_;
  int64_t last_ns_ = 0;
};

}  // namespace smol::cli
