// A Session for tests of the engine: answers at once, on a thread of its own, with sums over each item's input.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "smol/infer/backend.h"

namespace smol::test {

class InstantSession final : public Session {
 public:
  InstantSession(int64_t batch, InputSpec item, int64_t outputs, uint64_t fail_every = 0)
      : batch_(batch), item_(item), outputs_(outputs), fail_every_(fail_every), thread_([this] { serve(); }) {}
  ~InstantSession() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  int64_t batch_size() const override { return batch_; }
  int max_in_flight() const override { return 2; }
  int64_t output_elements() const override { return outputs_; }
  AlignedBuffer allocate_slot() override { return AlignedBuffer(static_cast<size_t>(batch_) * item_.item_bytes()); }
  void start(TensorView input, std::span<float> output, Completion done) override {
    const std::lock_guard lock(mutex_);
    queue_.push_back({input, output, std::move(done)});
    changed_.notify_all();
  }

 private:
  struct Request {
    TensorView input;
    std::span<float> output;
    Completion done;
  };

  void serve() {
    uint64_t batches = 0;
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ended_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Request request = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      for (int64_t i = 0; i < batch_; ++i) {
        float sum = 0;
        const float* values = request.input.f32() + i * item_.item_shape().elements();
        for (int64_t e = 0; e < item_.item_shape().elements(); ++e) sum += values[e];
        for (int64_t k = 0; k < outputs_; ++k)
          request.output[static_cast<size_t>(i * outputs_ + k)] = sum * static_cast<float>(k + 1);
      }
      ++batches;
      const bool fails = fail_every_ > 0 && batches % fail_every_ == 0;
      request.done(fails ? Status(ItemError{ItemErrorCode::kInferenceFailed, "simulated"}) : ok_status());
    }
  }

  const int64_t batch_;
  const InputSpec item_;
  const int64_t outputs_;
  const uint64_t fail_every_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  bool ended_ = false;
  std::jthread thread_;
};

}  // namespace smol::test
