// Items from a vector, and rows into one: the simplest ends of a pipeline.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "smol/engine/item_source.h"

namespace smol::test {

class ListedSource final : public ItemSource {
 public:
  explicit ListedSource(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  Next next(ItemRun& run) override {
    const std::lock_guard lock(mutex_);
    if (stopped_ || position_ == paths_.size()) return Next::kEnd;
    run.clear();
    Item& item = run.append();
    item.ordinal = position_;
    item.id = paths_[position_];
    item.path = paths_[position_++];
    return Next::kItem;
  }
  void wait() override {}
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }

 private:
  const std::vector<std::string> paths_;
  std::mutex mutex_;
  size_t position_ = 0;
  bool stopped_ = false;
};

class CollectingSink final : public RowSink {
 public:
  void add(Row&& row) override {
    const std::lock_guard lock(mutex_);
    rows.push_back(std::move(row));
  }
  std::vector<Row> rows;

 private:
  std::mutex mutex_;
};

}  // namespace smol::test
