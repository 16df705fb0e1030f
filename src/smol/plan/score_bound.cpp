#include "smol/plan/score_bound.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace smol {
namespace {

// At a difference that is assumed: how far the counts are from it, in standard deviations that fit to it.
double score(double only_a, double only_b, double items, double difference) {
  // p(only b) of largest likelihood if the difference is true: the root of a quadratic equation.
  const double a = 2 * items;
  const double b = -only_a - only_b + (2 * items - only_a + only_b) * difference;
  const double c = -only_b * difference * (1 - difference);
  const double share = (std::sqrt(std::max(0.0, b * b - 4 * a * c)) - b) / (2 * a);
  const double variance = items * (2 * share + difference * (1 - difference));
  const double distance = only_a - only_b - items * difference;
  if (variance > 0) return distance / std::sqrt(variance);
  return distance < 0 ? -std::numeric_limits<double>::infinity() : 0;
}

}  // namespace

double paired_score_bound(double only_a, double only_b, double items, double z) {
  double low = (only_a - only_b) / items;
  double high = 1;
  if (score(only_a, only_b, items, high) > -z) return 1;
  constexpr int kHalvings = 60;  // to the last bit
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (score(only_a, only_b, items, middle) > -z ? low : high) = middle;
  }
  return high;
}

}  // namespace smol
