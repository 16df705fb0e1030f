// Batch slots between producers and the DNN: preallocated, aligned, reused (paper §6.1).
//
// A slot goes free -> filling -> ready -> in flight -> free. Producers claim rows one by one with a single atomic
// step: ticket t is row t % batch of batch number t / batch, which lives in slot number (t / batch) % slots. A failed
// row is padding: it completes like any other, without a valid bit. More slots than can be filling or in flight at
// once keep producers from waiting for consumers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/base/geometry.h"
#include "smol/base/tensor.h"
#include "smol/engine/input_list.h"
#include "smol/infer/backend.h"

namespace smol {

// What is known of a row besides its pixels. The strings keep their memory from batch to batch.
struct SlotRow {
  Item item;
  Size displayed;
  bool valid = false;
};

struct BatchSlot {
  uint64_t batch = 0;  // number of the batch that this slot holds or waits for
  AlignedBuffer input;
  std::vector<float> output;
  std::vector<SlotRow> rows;
  int used_rows = 0;  // rows claimed by producers; the rest of the last batch is padding
  std::atomic<int> completed_rows{0};
  Status status = ok_status();  // of the inference
};

struct ClaimedRow {
  BatchSlot* slot = nullptr;  // null: the ring was aborted
  int row = 0;
};

// Thread-safe, unless said otherwise.
class BatchRing {
 public:
  BatchRing(Session& session, const InputSpec& item, int slots);
  ~BatchRing();  // waits until nothing is in flight over its slots

  // Waits for a free slot if need be. Every claimed row must be completed.
  ClaimedRow claim();
  TensorView row_tensor(const ClaimedRow& claimed);
  // `valid` rows get an answer; the caller has filled slot->rows[row] before.
  void complete(const ClaimedRow& claimed, bool valid);

  // Fills up the batch that is being filled with padding, so that its items get their answers now. For a producer
  // that is about to wait for something that those answers bring about.
  void pad_open_batch();

  // No more claims will come (all producers are done): a partly filled slot becomes ready, then pop_ready ends.
  void close();
  // Wakes everybody; claim and the pops return null. For when the run breaks.
  void abort();

  enum class Event { kReady, kDone, kEnd };
  // For the one consumer: waits for a finished batch, or for a ready one if `may_start`. kEnd: closed and all is
  // collected, or aborted.
  Event wait(bool may_start, BatchSlot** slot);
  // Called by the backend's completion (or by the consumer, if the backend could not start).
  void mark_done(BatchSlot& slot, Status status);
  void release(BatchSlot& slot);

  TensorView batch_tensor(BatchSlot& slot);
  int64_t batch_size() const { return batch_; }
  int slots() const { return static_cast<int>(slots_.size()); }
  size_t bytes() const;  // of all slots

 private:
  BatchSlot& slot_of(uint64_t batch) { return slots_[batch % slots_.size()]; }
  ClaimedRow row_of(uint64_t ticket);
  void make_ready(BatchSlot& slot, int used_rows);

  const InputSpec item_;
  const int64_t batch_;
  std::deque<BatchSlot> slots_;  // a deque, because slots do not move
  std::atomic<uint64_t> next_ticket_{0};

  std::mutex mutex_;
  std::condition_variable slot_free_;
  std::condition_variable event_;
  std::vector<std::atomic<uint64_t>> free_batch_;  // per slot: the batch number that may fill it now
  std::vector<BatchSlot*> ready_;  // at most one entry a slot, reserved: no allocation in the steady state
  std::vector<BatchSlot*> done_;
  int in_flight_ = 0;       // given out as kReady, not yet marked done
  uint64_t collected_ = 0;  // batches released
  uint64_t closed_at_ = 0;  // batches in all, once closed_
  bool closed_ = false;
  std::atomic<bool> aborted_{false};
};

}  // namespace smol
