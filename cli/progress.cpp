#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include "smol/base/clock.h"

namespace smol::cli {
namespace {

// The stage for which the others have waited longest so far.
std::string_view bottleneck_so_far(const LiveCounters& live) {
  const int64_t for_slots = live.slot_wait_ns;
  const int64_t for_producers = live.device_idle_ns;
  const int64_t for_sink = live.source_wait_ns;
  if (for_sink > for_slots && for_sink > for_producers) return "sink";
  return for_slots > for_producers ? "infer" : "decode";
}

}  // namespace

ProgressMode resolve(ProgressMode mode) {
  if (mode != ProgressMode::kAuto) return mode;
  return isatty(STDERR_FILENO) != 0 ? ProgressMode::kTty : ProgressMode::kJson;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::ceil(std::max(0.0, seconds)));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

ProgressDisplay::ProgressDisplay(ProgressMode mode, const LiveCounters& live, uint64_t total, uint64_t already_done)
    : mode_(resolve(mode)),
      live_(live),
      total_(total),
      already_done_(already_done),
      start_ns_(wall_ns()),
      last_ns_(start_ns_) {
  if (mode_ != ProgressMode::kNone) thread_ = std::jthread([this] { show_until_finished(); });
}

ProgressDisplay::~ProgressDisplay() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  finished_changed_.notify_all();
}

void ProgressDisplay::show_until_finished() {
  // A log wants fewer lines than an eye.
  const auto period = mode_ == ProgressMode::kTty ? std::chrono::milliseconds(250) : std::chrono::milliseconds(2000);
  std::unique_lock lock(mutex_);
  while (!finished_changed_.wait_for(lock, period, [&] { return finished_; })) show(false);
  show(true);
}

void ProgressDisplay::show(bool last) {
  const uint64_t items = live_.items;
  const uint64_t failed = live_.failed;
  const int64_t now = wall_ns();
  const double since_last_s = static_cast<double>(now - last_ns_) * 1e-9;
  const double elapsed_s = static_cast<double>(now - start_ns_) * 1e-9;
  const double recent = since_last_s > 0 ? static_cast<double>(items - last_items_) / since_last_s : 0;
  constexpr double kSmoothing = 0.3;
  items_per_s_ = items_per_s_ == 0 ? recent : items_per_s_ + kSmoothing * (recent - items_per_s_);
  if (last && elapsed_s > 0) items_per_s_ = static_cast<double>(items) / elapsed_s;
  last_ns_ = now;
  last_items_ = items;
  const uint64_t done = already_done_ + items;
  const double eta_s = items_per_s_ > 0 ? static_cast<double>(total_ - done) / items_per_s_ : -1;
  const std::string_view bound = bottleneck_so_far(live_);
  std::string line;
  if (mode_ == ProgressMode::kTty) {
    const std::string eta = last         ? "in " + duration_text(elapsed_s)
                            : eta_s >= 0 ? "ETA " + duration_text(eta_s)
                                         : "ETA ?";
    line = fmt::format("\r\x1b[K{}/{} items  {:.0f} %  {:.1f} items/s  {}  bound by {}  {} failed{}", done, total_,
                       total_ > 0 ? 100.0 * static_cast<double>(done) / static_cast<double>(total_) : 100.0,
                       items_per_s_, eta, bound, failed, last ? "\n" : "");
  } else {
    line = fmt::format(
        "{{\"event\":\"{}\",\"items\":{},\"total\":{},\"failed\":{},\"items_per_s\":{:.2f},\"eta_seconds\":{},"
        "\"elapsed_seconds\":{:.2f},\"bottleneck\":\"{}\"}}\n",
        last ? "finished" : "progress", done, total_, failed, items_per_s_,
        last         ? "0"
        : eta_s >= 0 ? fmt::format("{:.1f}", eta_s)
                     : "null",
        elapsed_s, bound);
  }
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace smol::cli
