#include "smol/plan/pareto_front.h"

#include <algorithm>
#include <numeric>

namespace smol {

std::vector<size_t> beaten_by(std::span<const ParetoPoint> points) {
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (points[a].items_per_s != points[b].items_per_s) return points[a].items_per_s > points[b].items_per_s;
    if (points[a].goodness != points[b].goodness) return points[a].goodness > points[b].goodness;
    return a < b;
  });
  std::vector<size_t> front;  // from fast to slow, so from bad to good
  std::vector<size_t> beaten(points.size());
  for (const size_t i : order) {
    const auto better =
        std::lower_bound(front.begin(), front.end(), points[i].goodness,
                         [&](size_t member, double goodness) { return points[member].goodness < goodness; });
    beaten[i] = better == front.end() ? i : *better;
    if (better == front.end()) front.push_back(i);
  }
  return beaten;
}

}  // namespace smol
