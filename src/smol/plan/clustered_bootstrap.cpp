#include <algorithm>
#include <cmath>
#include <limits>

#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/plan/clusters.h"
#include "smol/plan/distributions.h"
#include "smol/plan/statistics.h"

namespace smol {

Interval clustered_bootstrap(std::span<const uint32_t> groups, std::span<const std::vector<double>> columns,
                             const std::function<double(std::span<const double>)>& statistic,
                             const BootstrapOptions& options) {
  const size_t items = columns.empty() ? 0 : columns[0].size();
  for (const std::vector<double>& column : columns) {
    if (column.size() != items || (!groups.empty() && groups.size() != items)) {
      throw Error(ErrorCode::kUsage, "a bootstrap needs columns and groups of one length: " + std::to_string(items));
    }
  }
  const Clusters clusters = number_clusters(groups, items);
  std::vector<double> totals(clusters.count * columns.size());
  std::vector<double> all(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) {
    for (size_t i = 0; i < items; ++i) {
      totals[clusters.of_item[i] * columns.size() + c] += columns[c][i];
      all[c] += columns[c][i];
    }
  }
  const double value = statistic(all);
  if (clusters.count < 2) {
    return {value, -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
  std::vector<double> values;
  uint64_t state = mix64(options.seed);
  std::vector<double> drawn(columns.size());
  for (int r = 0; r < options.resamples; ++r) {
    std::fill(drawn.begin(), drawn.end(), 0);
    for (size_t g = 0; g < clusters.count; ++g) {
      const size_t picked = mix64(state++) % clusters.count;
      for (size_t c = 0; c < columns.size(); ++c) drawn[c] += totals[picked * columns.size() + c];
    }
    const double resampled = statistic(drawn);
    if (std::isfinite(resampled)) values.push_back(resampled);  // a resample without any positive has no F1
  }
  if (values.empty()) return {value, value, value};
  std::sort(values.begin(), values.end());
  // Percentiles of few groups are too narrow by sqrt((n - 1) / n) and by z instead of t: expanded so far.
  const auto count = static_cast<double>(clusters.count);
  const double tail =
      normal_cdf(-std::sqrt(count / (count - 1)) * t_quantile((1 + options.confidence) / 2, count - 1));
  const auto at = [&](double probability) {
    const double place = probability * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
  };
  return {value, std::min(value, at(tail)), std::max(value, at(1 - tail))};
}

}  // namespace smol
