#include "smol/measure/execution_rate.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/pipeline.h"

namespace smol {
namespace {

struct Request {
  AlignedBuffer input;
  std::vector<float> output;
};

// Values as after normalisation: about -2 to 2; any bytes for u8.
void fill_with_noise(Request& request, const InputSpec& slot, int64_t batch, uint64_t seed) {
  const size_t bytes = static_cast<size_t>(batch) * slot.item_bytes();
  if (slot.dtype == DType::kF32) {
    auto* values = reinterpret_cast<float*>(request.input.data());
    for (size_t i = 0; i < bytes / sizeof(float); ++i) {
      values[i] = static_cast<float>(mix64(seed + i) >> 40) * (4.0f / static_cast<float>(1 << 24)) - 2.0f;
    }
  } else {
    for (size_t i = 0; i < bytes; ++i) request.input.data()[i] = static_cast<std::byte>(mix64(seed + i) >> 56);
  }
}

}  // namespace

ExecutionRate measure_execution(Session& session, const InputSpec& slot, int producers, double seconds) {
  std::vector<Request> requests(static_cast<size_t>(slots_needed(session, producers)));
  std::deque<Request*> waiting;
  for (Request& request : requests) {
    request.input = session.allocate_slot();
    request.output.resize(static_cast<size_t>(session.batch_size() * session.output_elements()));
    fill_with_noise(request, slot, session.batch_size(), waiting.size() << 32);
    waiting.push_back(&request);
  }
  std::mutex mutex;
  std::condition_variable done;
  int in_flight = 0;
  bool failed = false;
  const auto run = [&](int64_t least_batches, double duration_s) {
    const int64_t wall_start = wall_ns();
    const int64_t cpu_start = process_cpu_ns();
    int64_t batches = 0;
    while (batches < least_batches || static_cast<double>(wall_ns() - wall_start) * 1e-9 < duration_s) {
      Request* request = nullptr;
      {
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return in_flight < session.max_in_flight(); });
        request = waiting.front();
        waiting.pop_front();
        ++in_flight;
      }
      session.start({slot.dtype, slot.batch_shape(session.batch_size()), request->input.data()}, request->output,
                    [&, request](const Status& status) {
                      const std::lock_guard lock(mutex);
                      failed = failed || !status.ok();
                      waiting.push_back(request);
                      --in_flight;
                      done.notify_one();
                    });
      ++batches;
    }
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return in_flight == 0; });
    ExecutionRate rate;
    rate.items = static_cast<uint64_t>(batches * session.batch_size());
    rate.items_per_s = static_cast<double>(rate.items) / (static_cast<double>(wall_ns() - wall_start) * 1e-9);
    rate.core_s_per_item = static_cast<double>(process_cpu_ns() - cpu_start) * 1e-9 / static_cast<double>(rate.items);
    return rate;
  };
  run(session.max_in_flight(), 0);  // first executions allocate
  const ExecutionRate rate = run(int64_t{2} * session.max_in_flight(), seconds);
  if (failed) {
    throw Error(ErrorCode::kFailed,
                "the model failed on a batch of noise of size: " + std::to_string(session.batch_size()));
  }
  return rate;
}

}  // namespace smol
