// `smol run` as a library call: inputs + model -> run directory of rows and a report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "smol/base/file_system.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/input_list.h"
#include "smol/engine/pipeline.h"
#include "smol/engine/run_report.h"
#include "smol/infer/backend.h"
#include "smol/plan/plan.h"

namespace smol {

struct RunRequest {
  InputOptions inputs;          // its dataset is found by the job
  DatasetRequest dataset;       // renditions: from flags or dataset.toml
  std::optional<Plan> plan;     // what to run; then manifest, preset, preprocessing, decode, output, topk and softmax
                                // are the plan's, and threads, batch and dataset.use, where not said here, too
  std::filesystem::path model;  // empty: the plan's
  std::filesystem::path manifest;  // empty: the one beside the model
  std::string preset;              // imagenet | tf | raw, instead of a manifest
  std::string preprocessing;       // a manifest's JSON list of operations, instead of a manifest
  std::filesystem::path labels;    // empty: the manifest's
  DecodeSpec decode;               // how to read each picture; regions come from `inputs`
  std::filesystem::path out;
  bool overwrite = false;
  RowFormat format = RowFormat::kParquet;
  RowOutput output = RowOutput::kTopK;
  int topk = 5;
  bool softmax = false;
  std::optional<size_t> cpu_ops;  // the cut (preproc/cut.h); nothing: the plan's, or default_cut()
  int threads = 0;                // producers and streams; 0: as many as cores may be used
  int64_t batch = 0;              // 0: probed, or as the run began
  uint64_t chunk_items = 4096;
  DecodeLimits limits;
  std::filesystem::path cache_directory;  // compiled models; empty: none
};

// Not thread-safe, but for stop() and live(). Throws Error(kUsage) for what the user has to mend.
class RunJob {
 public:
  RunJob(RunRequest request, Backend& backend, FileSystem& files);
  ~RunJob();

  // Loads model and manifest and makes the plan; touches no output.
  const Plan& plan();
  // For --dry-run: walks the inputs (through a temporary file) without running anything.
  InputCounts count_inputs();

  // Opens or continues the run directory, compiles the model, snapshots the inputs. After it, total_items() is known.
  void prepare();
  uint64_t total_items() const;
  uint64_t items_already_committed() const;
  const std::string& batch_reason() const;
  const std::string& cut_reason() const;  // known after plan()

  // Runs to the end, or until stop(); writes report.json. Throws what broke the run.
  RunReport execute();
  void stop();  // from any thread: in-flight items are finished, whole chunks are committed
  const LiveCounters& live() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smol
