// `smol run` as a library call: inputs + model -> run directory of rows and a report.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "smol/base/file_system.h"
#include "smol/engine/input_list.h"
#include "smol/engine/pipeline.h"
#include "smol/engine/run_report.h"
#include "smol/engine/run_request.h"
#include "smol/infer/backend.h"
#include "smol/plan/plan.h"

namespace smol {

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
