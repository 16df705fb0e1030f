// What a graph costs: arithmetic operations, weighted by the type that they work on (paper §6.2).
#pragma once

#include <string>
#include <string_view>

#include "smol/preproc/graph.h"
#include "smol/preproc/rules/rule.h"

namespace smol {

// Nanoseconds, or just counts, of one arithmetic operation on a value of a type, and of moving one.
struct CostWeights {
  double u8_arithmetic = 1;  // of resizes
  double f32_arithmetic = 1;
  double f32_pointwise = 1;  // of normalisation and conversion: as arithmetic, but bound by memory
  double u8_move = 0;
  double f32_move = 0;
  double pass = 0;  // of each operation, whatever the size
};

// The paper's plain counts: every arithmetic operation is one, whatever its type; moving is free.
inline constexpr CostWeights kPlainCounts{};
// Nanoseconds of a pass of its own for each operation (pass_executor.h) on a Zen 3 core: `build/release/cost_weights`
// measures them again.
inline constexpr CostWeights kMeasuredWeights{0.055, 0.35, 0.38, 0.5, 0.46, 500};

// For an upright picture of size `source`, step by step, one operation after the other.
double graph_cost(const PreprocGraph& graph, Size source, const CostWeights& weights);

GraphWork graph_work(const PreprocGraph& graph, Size source);

}  // namespace smol
