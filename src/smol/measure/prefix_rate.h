// What reading, decoding and preprocessing cost, through the pipeline's own producers, with nothing behind them.
#pragma once

#include <cstdint>
#include <vector>

#include "smol/engine/input_list.h"
#include "smol/engine/pipeline.h"

namespace smol {

struct PrefixRate {
  double core_s_per_item = 0;  // CPU time of the process: the three below, and handing items, slots and rows on
  double read_s = 0;           // CPU, an item
  double decode_s = 0;
  double preprocess_s = 0;
  double read_wait_s = 0;  // wall time that a producer waited for the disk, an item
  double items_per_s = 0;
  uint64_t items = 0;
  uint64_t failed = 0;
};

// `settings.producers` threads at once, as they run: so that clock, shared caches and memory are as they will be. One
// pass over the runs or more. Batches of `batch` items are dropped as soon as they are full.
PrefixRate measure_prefix(const PipelineSettings& settings, int64_t batch, const std::vector<ItemRun>& runs,
                          uint64_t passes = 1);

}  // namespace smol
