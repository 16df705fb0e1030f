// Which plans nothing beats in both accuracy and throughput.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smol {

struct ParetoPoint {
  double goodness = 0;     // larger is better
  double items_per_s = 0;  // larger is better
};

// For each point the one that beats it: at least as good and at least as fast, and better in one of them or, if equal
// in both, earlier in the list. Of several, the fastest. Its own index: it is on the front. O(n log n).
std::vector<size_t> beaten_by(std::span<const ParetoPoint> points);

}  // namespace smol
