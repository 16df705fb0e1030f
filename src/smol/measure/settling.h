// When a repeated measurement may end: its best runs agree.
#pragma once

#include <cstddef>
#include <vector>

#include "smol/plan/profile.h"

namespace smol {

inline constexpr size_t kLeastRuns = 2;
inline constexpr size_t kMostRuns = 12;

// Costs of the runs so far, in any order: the two smallest differ by at most 3 %, or there were kMostRuns. What
// disturbs a run (other processes, a slow clock) only ever adds to it, so it is the best that have to agree.
bool settled(std::vector<double> costs);
bool best_agree(std::vector<double> costs);   // without the limit
Spread spread_of(std::vector<double> costs);  // at least one

}  // namespace smol
