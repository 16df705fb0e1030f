// The pipelined engine (paper §6.1): producers decode and preprocess, one consumer feeds the device, rows come out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/engine/engine_means.h"
#include "smol/engine/item_source.h"
#include "smol/engine/row.h"
#include "smol/engine/stage_clock.h"
#include "smol/infer/backend.h"
#include "smol/plan/input_format.h"
#include "smol/preproc/graph.h"

namespace smol {

struct PipelineSettings {
  PreprocGraph graph;  // as declared: run_pipeline() optimises it
  DecodeSpec spec;
  std::vector<InputFormat> formats;   // of renditions that are decoded in another way than `spec`
  std::optional<Size> uniform_input;  // the graph takes pictures of this size, upright, only
  DecodeLimits limits;
  int producers = 1;  // threads that decode; the paper's heuristic: one a core
  RowOutput output = RowOutput::kTopK;
  int topk = 5;
  bool softmax = false;  // scores are softmax(logits)
  EngineMeans means;     // for the bench
};

// Read by a progress display while the pipeline runs.
struct LiveCounters {
  std::atomic<uint64_t> items{0};  // rows out, good and bad
  std::atomic<uint64_t> failed{0};
  std::atomic<int64_t> slot_wait_ns{0};  // as StageTimes
  std::atomic<int64_t> device_idle_ns{0};
  std::atomic<int64_t> source_wait_ns{0};
};

struct PipelineResult {
  StageTimes times;
  std::string preprocessing;  // the graph as it was run
  double wall_seconds = 0;    // first item asked for to last row durable
  double cpu_seconds = 0;     // of the whole process in that time
  uint64_t batches = 0;
  uint64_t padded_rows = 0;
  size_t slot_bytes = 0;
  int slots = 0;
};

// Slots so that producers do not wait on consumers: all that can be in flight, all that can be filling, and two more.
int slots_needed(const Session& session, int producers);

// Runs until the source ends. Every item given out by the source has its row in the sink before this returns. Throws
// what a thread threw (the first exception; all threads have ended by then).
PipelineResult run_pipeline(const PipelineSettings& settings, Session& session, ItemSource& source, RowSink& sink,
                            LiveCounters& live);

}  // namespace smol
