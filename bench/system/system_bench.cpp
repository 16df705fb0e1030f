// Decode + preprocess alone, DNN alone, and both pipelined, interleaved in one process (`make bench-system`).
//
//   system_bench FOLDER MODEL.onnx [--rounds N] [--seconds S] [--threads N] [--batch N]
// prints one JSON object: items/s of each, best of the rounds, and the bound 1 / (1/T_pre + 1/T_exec) of shared cores
// (eq. 3).
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/engine/batch_probe.h"
#include "smol/engine/pipeline.h"
#include "smol/infer/manifest.h"

namespace smol {
namespace {

// Gives out the pictures of a folder over and over until the time is up.
class TimedSource final : public ItemSource {
 public:
  TimedSource(std::vector<std::string> paths, double seconds)
      : paths_(std::move(paths)), end_ns_(wall_ns() + static_cast<int64_t>(seconds * 1e9)) {}
  Next next(ItemRun& run) override {
    const std::lock_guard lock(mutex_);
    if (stopped_ || wall_ns() >= end_ns_) return Next::kEnd;
    run.clear();
    Item& item = run.append();
    item.path = paths_[ordinal_ % paths_.size()];
    item.id = item.path;
    item.ordinal = ordinal_++;
    return Next::kItem;
  }
  void wait() override {}
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }

 private:
  const std::vector<std::string> paths_;
  const int64_t end_ns_;
  std::mutex mutex_;
  uint64_t ordinal_ = 0;
  bool stopped_ = false;
};

class DiscardingSink final : public RowSink {
 public:
  void add(Row&& row) override {
    if (!row.ok) throw Error(ErrorCode::kFailed, "a picture of the bench failed: " + row.path + ": " + row.error);
  }
};

// A DNN that takes no time: what is left is decoding and preprocessing.
class NoInference final : public Session {
 public:
  NoInference(int64_t batch, size_t bytes, int64_t outputs) : batch_(batch), bytes_(bytes), outputs_(outputs) {}
  int64_t batch_size() const override { return batch_; }
  int max_in_flight() const override { return 2; }
  int64_t output_elements() const override { return outputs_; }
  AlignedBuffer allocate_slot() override { return AlignedBuffer(bytes_); }
  void start(TensorView, std::span<float>, Completion done) override { done(ok_status()); }

 private:
  int64_t batch_;
  size_t bytes_;
  int64_t outputs_;
};

double pipelined_items_per_s(const PipelineSettings& settings, Session& session,
                             const std::vector<std::string>& paths, double seconds) {
  TimedSource source(paths, seconds);
  DiscardingSink sink;
  LiveCounters live;
  const PipelineResult result = run_pipeline(settings, session, source, sink, live);
  return static_cast<double>(live.items) / result.wall_seconds;
}

int run(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr,
               "usage: system_bench FOLDER MODEL.onnx [--rounds N] [--seconds S] [--threads N] [--batch N]\n");
    return 2;
  }
  int rounds = 5;
  double seconds = 3;
  int threads = cpu_budget().cores;
  int64_t batch = 0;
  for (int i = 3; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--threads") == 0) threads = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--batch") == 0) batch = std::atoll(argv[i + 1]);
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[1])) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());

  const Manifest manifest = read_manifest(manifest_path(argv[2]));
  const auto backend = make_openvino_backend();
  const auto model = backend->load(argv[2], {manifest.input_name, manifest.output_name, {}});
  SessionOptions options;
  options.streams = threads;
  options.slot = model->input();
  options.batch_size = batch;
  const std::unique_ptr<Session> session =
      batch > 0 ? model->compile(options) : probe_batch_size(*model, options).session;
  NoInference nothing(session->batch_size(), static_cast<size_t>(session->batch_size()) * options.slot.item_bytes(),
                      session->output_elements());
  PipelineSettings settings;
  settings.graph = manifest.preprocessing;
  settings.producers = threads;

  double preprocess = 0;
  double execute = 0;
  double pipelined = 0;
  std::vector<double> shares;
  pipelined_items_per_s(settings, *session, paths, 0.5);  // warm: page cache, first allocations
  for (int round = 0; round < rounds; ++round) {
    const double pre = pipelined_items_per_s(settings, nothing, paths, seconds);
    const double exec = measure_items_per_s(*session, options.slot, seconds);
    const double both = pipelined_items_per_s(settings, *session, paths, seconds);
    const double share = both * (1 / pre + 1 / exec);
    shares.push_back(share);
    preprocess = std::max(preprocess, pre);
    execute = std::max(execute, exec);
    pipelined = std::max(pipelined, both);
  }
  std::sort(shares.begin(), shares.end());
  // Best of the rounds on each side; the median of the per-round shares stands beside it, as the machine's speed
  // drifts.
  fmt::print(
      "{{\"preprocess_items_per_s\": {:.2f}, \"execute_items_per_s\": {:.2f}, \"pipelined_items_per_s\": {:.2f}, "
      "\"bound_items_per_s\": {:.2f}, \"share_of_bound\": {:.4f}, \"median_share_of_bound\": {:.4f}, \"batch\": {}, "
      "\"threads\": {}}}\n",
      preprocess, execute, pipelined, 1 / (1 / preprocess + 1 / execute), pipelined * (1 / preprocess + 1 / execute),
      shares[shares.size() / 2], session->batch_size(), threads);
  return 0;
}

}  // namespace
}  // namespace smol

int main(int argc, char** argv) {
  try {
    return smol::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "system_bench: {}\n", error.what());
    return 1;
  }
}
