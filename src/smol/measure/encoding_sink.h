// Rows are encoded as a run's are, on a thread of its own, and dropped; remembers when they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/item_source.h"

namespace smol {

// When a batch's rows began to arrive.
struct Arrival {
  int64_t wall_ns = 0;
  int64_t cpu_ns = 0;  // of the process
  uint64_t items_before = 0;
};

// Thread-safe, as RowSink.
class EncodingSink final : public RowSink {
 public:
  EncodingSink(RowFormat format, const RowSchema& schema, uint64_t chunk_items = 4096);
  ~EncodingSink() override;
  void add(Row&& row) override;
  void finish() override;
  int64_t background_cpu_ns() const override { return encode_cpu_ns_; }

  const std::vector<Arrival>& arrivals() const { return arrivals_; }  // after the pipeline has ended
  uint64_t failed() const { return failed_; }

 private:
  void encode_loop();

  const uint64_t chunk_items_;
  std::unique_ptr<ChunkEncoder> encoder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Arrival> arrivals_;
  int64_t last_ns_ = 0;
  uint64_t items_ = 0;
  uint64_t failed_ = 0;
  std::vector<Row> filling_;
  std::vector<Row> waiting_;
  bool ended_ = false;
  int64_t encode_cpu_ns_ = 0;
  std::jthread thread_;
};

}  // namespace smol
