#include "smol/measure/contention.h"

#include <algorithm>

namespace smol {

double contention(const PipelineRate& together, const StageCost& alone) {
  const double execution_s = alone.execution.cpu_core_s;
  if (execution_s <= 0) return 0;
  const double sum_s = alone.preprocessing.cpu_core_s + execution_s + alone.sink.cpu_core_s;
  return std::clamp((together.core_s_per_item - sum_s) / execution_s, 0.0, 1.0);
}

}  // namespace smol
