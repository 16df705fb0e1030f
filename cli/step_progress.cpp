#include "step_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "smol/base/clock.h"

namespace smol::cli {
namespace {

constexpr int64_t kLogPeriodNs = 2'000'000'000;  // a log wants fewer lines than an eye
constexpr int64_t kEyePeriodNs = 200'000'000;

}  // namespace

StepProgress::StepProgress(std::string task) : task_(std::move(task)), tty_(isatty(STDERR_FILENO) != 0) {}

StepProgress::~StepProgress() {
  if (tty_ && last_ns_ != 0) std::fputs("\r\033[K", stderr);
}

void StepProgress::show(const std::string& step, double done) {
  const int64_t now = wall_ns();
  if (last_ns_ != 0 && now - last_ns_ < (tty_ ? kEyePeriodNs : kLogPeriodNs)) return;
  last_ns_ = now;
  if (tty_) {
    std::fputs(fmt::format("\r\033[K{} {:3.0f} %  {}", task_, 100 * done, step).c_str(), stderr);
  } else {
    const nlohmann::ordered_json line = {{"task", task_}, {"done", done}, {"step", step}};
    std::fputs((line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stderr);
  }
}

}  // namespace smol::cli
