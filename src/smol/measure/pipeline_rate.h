// How fast a pipeline really is in the steady state, and what it costs.
#pragma once

#include <cstdint>
#include <vector>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/input_list.h"
#include "smol/engine/pipeline.h"

namespace smol {

struct PipelineRate {
  double items_per_s = 0;      // in the steady state: between two batches' arrivals, without start and drain
  double core_s_per_item = 0;  // CPU time of the process in the same time
  double steady_seconds = 0;   // how long that was
  double cores_busy = 0;       // by this process: fewer than there are, if the device or other processes hold it up
  double others_busy = 0;      // cores that other processes used meanwhile: disturbance
  uint64_t items = 0;          // of the whole run
  uint64_t failed = 0;
  PipelineResult whole;  // with start and drain
};

struct PipelineRun {
  PipelineSettings settings;
  RowFormat format = RowFormat::kParquet;
  RowSchema schema;
  double seconds = 3;      // at least
  uint64_t passes = 1;     // over the runs, at least
  double warm_up_s = 0.5;  // before the steady state may begin
};

// Runs the pipeline over `runs`, round and round, with a sink that encodes every row as a run does, and writes
// nothing. The steady state covers whole passes over the runs where it is long enough for one, so that it does not
// depend on which items happen to lie in it. Throws what the pipeline throws.
PipelineRate measure_pipeline(const PipelineRun& run, Session& session, const std::vector<ItemRun>& runs);

}  // namespace smol
