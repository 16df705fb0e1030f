#include "smol/infer/simulated_device.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "smol/base/hash.h"

namespace smol {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration seconds(double value) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(value));
}

// Two engines in a row, as on a real accelerator: copying the next batch overlaps with computing the present one. A
// thread sleeps until a batch is through both; nothing else takes CPU time, but the hashing of the answers.
class SimulatedSession final : public Session {
 public:
  SimulatedSession(const SimulatedDeviceOptions& device, const SessionOptions& options)
      : device_(device), options_(options), thread_([this] { serve(); }) {}
  ~SimulatedSession() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  int64_t batch_size() const override { return options_.batch_size; }
  int max_in_flight() const override { return 2; }
  int64_t output_elements() const override { return device_.output_elements; }
  AlignedBuffer allocate_slot() override {
    return AlignedBuffer(static_cast<size_t>(options_.batch_size) * options_.slot.item_bytes());
  }

  void start(TensorView input, std::span<float> output, Completion done) override {
    const double copy_s =
        device_.copy_bytes_per_s > 0 ? static_cast<double>(input.bytes()) / device_.copy_bytes_per_s : 0;
    const std::lock_guard lock(mutex_);
    copied_ = std::max(copied_, Clock::now()) + seconds(copy_s);
    computed_ = std::max(computed_, copied_) + seconds(device_.seconds_per_item * static_cast<double>(batch_size()));
    queue_.push_back({input, output, std::move(done), computed_});
    changed_.notify_all();
  }

 private:
  struct Request {
    TensorView input;
    std::span<float> output;
    Completion done;
    Clock::time_point ready;
  };

  void serve() {
    for (int64_t batches = 1;; ++batches) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ended_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Request request = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      std::this_thread::sleep_until(request.ready);
      answer(request);
      const bool fails = device_.fail_every > 0 && batches % device_.fail_every == 0;
      request.done(fails ? Status(ItemError{ItemErrorCode::kInferenceFailed, "the simulated device was told to fail"})
                         : ok_status());
    }
  }

  void answer(const Request& request) const {
    const size_t item_bytes = options_.slot.item_bytes();
    const auto outputs = static_cast<size_t>(device_.output_elements);
    for (size_t i = 0; i < static_cast<size_t>(batch_size()); ++i) {
      const uint64_t hash = hash64(std::span(request.input.data + i * item_bytes, item_bytes));
      for (size_t k = 0; k < outputs; ++k) {
        constexpr double kTwoTo24 = 1 << 24;
        request.output[i * outputs + k] = static_cast<float>(static_cast<double>(mix64(hash + k) >> 40) / kTwoTo24);
      }
    }
  }

  const SimulatedDeviceOptions device_;
  const SessionOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  Clock::time_point copied_;    // when the last copy that was asked for will be done
  Clock::time_point computed_;  // when the last batch that was asked for will be done
  bool ended_ = false;
  std::jthread thread_;
};

class SimulatedModel final : public Model {
 public:
  explicit SimulatedModel(const SimulatedDeviceOptions& device) : device_(device) {}
  InputSpec input() const override { return device_.input; }
  int64_t output_elements() const override { return device_.output_elements; }
  std::unique_ptr<Session> compile(const SessionOptions& options) override {
    return std::make_unique<SimulatedSession>(device_, options);
  }

 private:
  const SimulatedDeviceOptions device_;
};

class SimulatedDevice final : public Backend {
 public:
  explicit SimulatedDevice(const SimulatedDeviceOptions& options) : options_(options) {}
  std::string name() const override { return "simulated"; }
  std::string version() const override { return "1"; }
  std::vector<std::string> devices() const override { return {"simulated"}; }
  bool has_own_device() const override { return true; }
  std::unique_ptr<Model> load(const std::filesystem::path&, const ModelOptions&) override {
    return std::make_unique<SimulatedModel>(options_);
  }

 private:
  const SimulatedDeviceOptions options_;
};

}  // namespace

std::unique_ptr<Backend> make_simulated_device(const SimulatedDeviceOptions& options) {
  return std::make_unique<SimulatedDevice>(options);
}

}  // namespace smol
