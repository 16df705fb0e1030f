// What a compiled model costs on its own: all its requests busy, as in a pipeline, but no decoding beside it.
#pragma once

#include <cstdint>

#include "smol/infer/backend.h"

namespace smol {

struct ExecutionRate {
  double items_per_s = 0;
  double core_s_per_item = 0;  // CPU time of the process: starting requests and whatever the backend does with them
  uint64_t items = 0;
};

// For about `seconds` (and at least two batches a request) after one batch each that does not count. The slots hold
// seeded noise, and there are as many as a pipeline with `producers` has, used in turn: so their bytes are no warmer
// in the caches than a pipeline's. Throws Error(kFailed) if the model fails.
ExecutionRate measure_execution(Session& session, const InputSpec& slot, int producers, double seconds);

}  // namespace smol
