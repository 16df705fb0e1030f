#include "smol/measure/repetition.h"

#include <algorithm>

#include "smol/base/clock.h"

namespace smol {

std::vector<double> repeat(const Repetition& repetition, const std::function<double()>& measure) {
  std::vector<double> figures;
  const int64_t started_ns = wall_ns();
  const auto best_agree = [&] { return figures[1] <= figures[0] * (1 + repetition.agreement); };
  while (static_cast<int>(figures.size()) < repetition.at_most) {
    const bool enough = static_cast<int>(figures.size()) >= repetition.at_least;
    const double elapsed = static_cast<double>(wall_ns() - started_ns) * 1e-9;
    if (enough && ((figures.size() >= 2 && best_agree()) || elapsed >= repetition.seconds)) break;
    figures.push_back(measure());
    std::sort(figures.begin(), figures.end());
  }
  return figures;
}

}  // namespace smol
