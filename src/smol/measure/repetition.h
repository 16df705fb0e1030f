// Repeats a measurement until its best runs agree, or its time is up.
#pragma once

#include <functional>
#include <vector>

namespace smol {

// Best, not mean: what disturbs a measurement (other processes, a slow clock) only ever adds to it.
struct Repetition {
  double agreement = 0.03;  // the two smallest figures differ by at most this share
  int at_least = 2;
  int at_most = 12;
  double seconds = 3;  // no further run is begun after it; the first `at_least` always are
};

// Figures of all runs, smallest first. `measure` returns the cost of an item, and may keep what else it found.
std::vector<double> repeat(const Repetition& repetition, const std::function<double()>& measure);

}  // namespace smol
