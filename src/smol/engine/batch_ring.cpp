#include "smol/engine/batch_ring.h"

#include <cstring>

namespace smol {

BatchRing::BatchRing(Session& session, const InputSpec& item, int slots)
    : item_(item),
      batch_(session.batch_size()),
      slots_(static_cast<size_t>(slots)),
      free_batch_(static_cast<size_t>(slots)) {
  uint64_t number = 0;
  for (BatchSlot& slot : slots_) {
    slot.batch = number;
    slot.input = session.allocate_slot();
    // Padding is never read uninitialised: not for the results, which do not depend on it, but for their times
    // (denormals, NaN) to be the same in every run.
    std::memset(slot.input.data(), 0, static_cast<size_t>(batch_) * item_.item_bytes());
    slot.output.resize(static_cast<size_t>(batch_ * session.output_elements()));
    slot.rows.resize(static_cast<size_t>(batch_));
    free_batch_[number].store(number, std::memory_order_relaxed);
    ++number;
  }
  ready_.reserve(slots_.size());
  done_.reserve(slots_.size());
}

BatchRing::~BatchRing() {
  std::unique_lock lock(mutex_);
  event_.wait(lock, [&] { return in_flight_ == 0; });
}

ClaimedRow BatchRing::claim() { return row_of(next_ticket_.fetch_add(1, std::memory_order_relaxed)); }

void BatchRing::pad_open_batch() {
  uint64_t ticket = next_ticket_.load();
  while (ticket % static_cast<uint64_t>(batch_) != 0) {
    if (!next_ticket_.compare_exchange_weak(ticket, ticket + 1)) continue;
    const ClaimedRow padding = row_of(ticket);
    if (padding.slot == nullptr) return;
    complete(padding, false);
    ++ticket;
  }
}

ClaimedRow BatchRing::row_of(uint64_t ticket) {
  const uint64_t batch = ticket / static_cast<uint64_t>(batch_);
  std::atomic<uint64_t>& turn = free_batch_[batch % slots_.size()];
  if (turn.load(std::memory_order_acquire) != batch) {
    std::unique_lock lock(mutex_);
    slot_free_.wait(lock, [&] { return turn.load(std::memory_order_acquire) == batch || aborted_; });
  }
  if (aborted_) return {};
  return {&slot_of(batch), static_cast<int>(ticket % static_cast<uint64_t>(batch_))};
}

TensorView BatchRing::row_tensor(const ClaimedRow& claimed) {
  return {item_.dtype, item_.item_shape(),
          claimed.slot->input.data() + static_cast<size_t>(claimed.row) * item_.item_bytes()};
}

TensorView BatchRing::batch_tensor(BatchSlot& slot) {
  return {item_.dtype, item_.batch_shape(batch_), slot.input.data()};
}

void BatchRing::complete(const ClaimedRow& claimed, bool valid) {
  BatchSlot& slot = *claimed.slot;
  slot.rows[static_cast<size_t>(claimed.row)].valid = valid;
  if (slot.completed_rows.fetch_add(1, std::memory_order_acq_rel) + 1 == batch_) {
    const std::lock_guard lock(mutex_);
    make_ready(slot, static_cast<int>(batch_));
  }
}

void BatchRing::make_ready(BatchSlot& slot, int used_rows) {
  slot.used_rows = used_rows;
  ready_.push_back(&slot);
  event_.notify_one();
}

void BatchRing::close() {
  const std::lock_guard lock(mutex_);
  const uint64_t tickets = next_ticket_.load();
  const int rest = static_cast<int>(tickets % static_cast<uint64_t>(batch_));
  closed_at_ = tickets / static_cast<uint64_t>(batch_) + (rest > 0 ? 1 : 0);
  closed_ = true;
  if (rest > 0 && !aborted_) make_ready(slot_of(closed_at_ - 1), rest);
  event_.notify_one();
}

void BatchRing::abort() {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  slot_free_.notify_all();
  event_.notify_all();
}

BatchRing::Event BatchRing::wait(bool may_start, BatchSlot** slot) {
  std::unique_lock lock(mutex_);
  event_.wait(lock, [&] {
    return aborted_ || !done_.empty() || (may_start && !ready_.empty()) || (closed_ && collected_ == closed_at_);
  });
  if (aborted_) return Event::kEnd;
  // Starting comes before collecting: the device should not wait for bookkeeping.
  std::vector<BatchSlot*>& queue = may_start && !ready_.empty() ? ready_ : done_;
  if (queue.empty()) return Event::kEnd;
  *slot = queue.front();
  queue.erase(queue.begin());
  if (&queue == &done_) return Event::kDone;
  ++in_flight_;
  return Event::kReady;
}

void BatchRing::mark_done(BatchSlot& slot, Status status) {
  slot.status = std::move(status);
  const std::lock_guard lock(mutex_);
  done_.push_back(&slot);
  --in_flight_;
  event_.notify_all();
}

void BatchRing::release(BatchSlot& slot) {
  const size_t index = slot.batch % slots_.size();
  slot.batch += slots_.size();
  slot.completed_rows.store(0, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  ++collected_;
  free_batch_[index].store(slot.batch, std::memory_order_release);
  slot_free_.notify_all();
  event_.notify_one();
}

size_t BatchRing::bytes() const {
  size_t sum = 0;
  for (const BatchSlot& slot : slots_) sum += slot.input.capacity() + slot.output.size() * sizeof(float);
  return sum;
}

}  // namespace smol
