#include "smol/measure/looped_source.h"

#include "smol/base/clock.h"

namespace smol {

LoopedSource::LoopedSource(const std::vector<ItemRun>& runs, uint64_t passes, double seconds)
    : runs_(runs), passes_(passes), seconds_(seconds) {}

ItemSource::Next LoopedSource::next(ItemRun& run) {
  const std::lock_guard lock(mutex_);
  const int64_t now = wall_ns();
  if (started_ns_ == 0) started_ns_ = now;
  const bool passed = given_ >= passes_ * runs_.size();
  if (stopped_ || runs_.empty() || (passed && static_cast<double>(now - started_ns_) * 1e-9 >= seconds_)) {
    if (ended_ns_ == 0) ended_ns_ = now;
    return Next::kEnd;
  }
  run.clear();
  for (const Item& item : runs_[given_ % runs_.size()].items()) {
    Item& copy = run.append();
    copy = item;
    copy.ordinal = ordinal_++;
  }
  ++given_;
  return Next::kItem;
}

void LoopedSource::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

}  // namespace smol
