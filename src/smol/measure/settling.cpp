#include "smol/measure/settling.h"

#include <algorithm>

namespace smol {
namespace {

constexpr double kAgreement = 0.03;

}  // namespace

bool best_agree(std::vector<double> costs) {
  if (costs.size() < kLeastRuns) return false;
  std::sort(costs.begin(), costs.end());
  return costs[1] <= costs[0] * (1 + kAgreement);
}

bool settled(std::vector<double> costs) { return costs.size() >= kMostRuns || best_agree(std::move(costs)); }

Spread spread_of(std::vector<double> costs) {
  std::sort(costs.begin(), costs.end());
  return {costs.front(), costs[costs.size() / 2], costs.back(), static_cast<int>(costs.size())};
}

}  // namespace smol
