#include "smol/plan/distributions.h"
#include "smol/plan/statistics.h"

namespace smol {

Interval clopper_pearson(int64_t successes, int64_t trials, double confidence) {
  if (trials <= 0) return {0, 0, 1};
  const double tail = (1 - confidence) / 2;
  const auto hits = static_cast<double>(successes);
  const auto misses = static_cast<double>(trials - successes);
  return {hits / static_cast<double>(trials), beta_quantile(tail, hits, misses + 1),
          beta_quantile(1 - tail, hits + 1, misses)};
}

}  // namespace smol
