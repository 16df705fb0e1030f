// Items of a snapshot in, chunks of rows out: gives out what is not committed yet, collects rows by chunk, commits.
//
// Memory is bounded: while `open_chunks` chunks wait for their last rows or for the disk, no further one is begun.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/item_source.h"
#include "smol/engine/run_directory.h"

namespace smol {

// Thread-safe as ItemSource and RowSink. Encoding and writing happen on a thread of its own.
class ChunkedRun final : public ItemSource, public RowSink {
 public:
  ChunkedRun(InputList& inputs, RunDirectory& directory, ChunkEncoder& encoder, uint64_t chunk_items,
             int open_chunks);
  ~ChunkedRun() override;

  Next next(ItemRun& run) override;
  void wait() override;
  void stop() override;

  void add(Row&& row) override;
  // Commits the finished chunks; those that stop() left incomplete are dropped (the next run does them again).
  void finish() override;
  int64_t background_cpu_ns() const override { return commit_cpu_ns_; }

  uint64_t items_already_committed() const { return already_committed_; }

 private:
  struct Chunk {
    std::vector<Row> rows;
    uint64_t missing = 0;
  };
  uint64_t rows_of(uint64_t chunk) const;
  void commit_loop();
  void commit(uint64_t number, const std::vector<Row>& rows);

  InputList& inputs_;
  RunDirectory& directory_;
  ChunkEncoder& encoder_;
  const uint64_t chunk_items_;
  const size_t open_chunks_;
  const std::set<uint64_t> committed_before_;  // a copy: the directory's own list grows on the committing thread
  uint64_t already_committed_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t position_ = 0;  // ordinal of the next item to be given out
  Item ahead_;             // the item at position_, once it was read to see whether it continues a run
  bool has_ahead_ = false;
  std::map<uint64_t, Chunk> open_;
  std::deque<uint64_t> finished_;  // chunks of open_ whose rows are all there
  bool stopped_ = false;
  bool finishing_ = false;
  std::exception_ptr failure_;
  std::atomic<int64_t> commit_cpu_ns_{0};
  std::jthread committer_;
};

}  // namespace smol
