// A DNN that takes no time: what is left of a pipeline is reading, decoding, preprocessing and the engine itself.
#pragma once

#include <algorithm>

#include "smol/infer/backend.h"

namespace smol {

class NullSession final : public Session {
 public:
  NullSession(int64_t batch, const InputSpec& slot, int streams, int64_t outputs)
      : batch_(batch), slot_(slot), streams_(streams), outputs_(outputs) {}
  int64_t batch_size() const override { return batch_; }
  int max_in_flight() const override { return streams_; }
  int64_t output_elements() const override { return outputs_; }
  AlignedBuffer allocate_slot() override { return AlignedBuffer(static_cast<size_t>(batch_) * slot_.item_bytes()); }
  void start(TensorView, std::span<float>, Completion done) override { done(ok_status()); }

 private:
  int64_t batch_;
  InputSpec slot_;
  int streams_;
  int64_t outputs_;
};

}  // namespace smol
