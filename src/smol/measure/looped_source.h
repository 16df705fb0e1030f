// Gives out sampled runs over and over, so that a measurement can be as long as it has to be.
#pragma once

#include <mutex>
#include <vector>

#include "smol/engine/item_source.h"

namespace smol {

// Ends when `passes` passes over the runs were given out and `seconds` have passed since the first call, whichever is
// later; in the middle of a pass if that is when the time is up. Thread-safe, as ItemSource.
class LoopedSource final : public ItemSource {
 public:
  LoopedSource(const std::vector<ItemRun>& runs, uint64_t passes, double seconds);
  Next next(ItemRun& run) override;
  void wait() override {}
  void stop() override;
  int64_t started_ns() const { return started_ns_; }
  int64_t ended_ns() const { return ended_ns_; }  // wall_ns() of the first kEnd; after the pipeline has ended

 private:
  const std::vector<ItemRun>& runs_;
  const uint64_t passes_;
  const double seconds_;
  std::mutex mutex_;
  int64_t started_ns_ = 0;
  int64_t ended_ns_ = 0;
  uint64_t given_ = 0;
  uint64_t ordinal_ = 0;
  bool stopped_ = false;
};

}  // namespace smol
