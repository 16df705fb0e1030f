#include "smol/measure/encoding_sink.h"

#include <utility>

#include "smol/base/clock.h"

namespace smol {
namespace {

constexpr int64_t kSameBatchNs = 300'000;  // rows of one batch follow each other within microseconds

}  // namespace

EncodingSink::EncodingSink(RowFormat format, const RowSchema& schema, uint64_t chunk_items)
    : chunk_items_(chunk_items), encoder_(make_chunk_encoder(format, schema)), thread_([this] { encode_loop(); }) {}

EncodingSink::~EncodingSink() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void EncodingSink::add(Row&& row) {
  std::unique_lock lock(mutex_);
  const int64_t now = wall_ns();
  if (now - last_ns_ > kSameBatchNs) arrivals_.push_back({now, process_cpu_ns(), items_});
  last_ns_ = now;
  ++items_;
  if (!row.ok) ++failed_;
  filling_.push_back(std::move(row));
  if (filling_.size() < chunk_items_) return;
  changed_.wait(lock, [&] { return waiting_.empty(); });
  std::swap(filling_, waiting_);
  changed_.notify_all();
}

void EncodingSink::finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void EncodingSink::encode_loop() {
  while (true) {
    std::vector<Row> rows;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return !waiting_.empty() || ended_; });
      if (waiting_.empty()) break;
      rows = std::exchange(waiting_, {});
      changed_.notify_all();
    }
    static_cast<void>(encoder_->encode(rows));
  }
  encode_cpu_ns_ = thread_cpu_ns();
}

}  // namespace smol
