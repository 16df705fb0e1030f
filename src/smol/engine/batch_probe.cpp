#include "smol/engine/batch_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/error.h"

namespace smol {
namespace {

constexpr std::array<int64_t, 3> kCandidates = {1, 8, 32};
constexpr double kProbeSeconds = 0.15;
constexpr double kCloseEnough = 0.97;

}  // namespace

double measure_items_per_s(Session& session, const InputSpec& slot, double seconds) {
  struct Request {
    AlignedBuffer input;
    std::vector<float> output;
  };
  std::vector<Request> requests(static_cast<size_t>(session.max_in_flight()));
  for (Request& request : requests) {
    request.input = session.allocate_slot();
    std::memset(request.input.data(), 0, static_cast<size_t>(session.batch_size()) * slot.item_bytes());
    request.output.resize(static_cast<size_t>(session.batch_size() * session.output_elements()));
  }
  std::mutex mutex;
  std::condition_variable done;
  std::vector<Request*> idle;
  bool failed = false;
  for (Request& request : requests) idle.push_back(&request);

  const auto run_for = [&](double duration_s) {
    const int64_t start = wall_ns();
    int64_t batches = 0;
    do {
      Request* request = nullptr;
      {
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return !idle.empty(); });
        request = idle.back();
        idle.pop_back();
      }
      session.start({slot.dtype, slot.batch_shape(session.batch_size()), request->input.data()}, request->output,
                    [&, request](const Status& status) {
                      const std::lock_guard lock(mutex);
                      failed = failed || !status.ok();
                      idle.push_back(request);
                      done.notify_one();
                    });
      ++batches;
    } while (static_cast<double>(wall_ns() - start) * 1e-9 < duration_s || batches < 2 * session.max_in_flight());
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return idle.size() == requests.size(); });
    return static_cast<double>(batches * session.batch_size()) / (static_cast<double>(wall_ns() - start) * 1e-9);
  };
  run_for(0);  // first executions allocate
  const double items_per_s = run_for(seconds);
  if (failed)
    throw Error(ErrorCode::kFailed,
                "the model failed on a batch of zeros of size: " + std::to_string(session.batch_size()));
  return items_per_s;
}

ProbedSession probe_batch_size(Model& model, SessionOptions options) {
  std::array<std::unique_ptr<Session>, kCandidates.size()> sessions;
  std::array<double, kCandidates.size()> items_per_s{};
  std::string reason = "probed:";
  for (size_t i = 0; i < kCandidates.size(); ++i) {
    options.batch_size = kCandidates[i];
    sessions[i] = model.compile(options);
    items_per_s[i] = measure_items_per_s(*sessions[i], options.slot, kProbeSeconds);
    reason += fmt::format("{} {}: {:.0f}", i == 0 ? " batch" : ",", kCandidates[i], items_per_s[i]);
  }
  const double best = *std::max_element(items_per_s.begin(), items_per_s.end());
  size_t chosen = 0;
  while (items_per_s[chosen] < kCloseEnough * best) ++chosen;
  return {std::move(sessions[chosen]), reason + " items/s"};
}

}  // namespace smol
