// From predictions and labels to what a metric is made of (plan/accuracy.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "smol/measure/prediction.h"
#include "smol/plan/accuracy.h"

namespace smol {

// Classes that count as right for an item; sorted.
using RightClasses = std::vector<int32_t>;

// kTop1, kTop5: 1 if one of the best 1 (5) classes is right. An item that failed is wrong.
Outcomes top_k_outcomes(std::span<const Prediction> predictions, std::span<const RightClasses> right, int k);

// kF1, kPrecision, kRecall: one of the four values of accuracy.h. `positive` is the class that is looked for. An item
// that failed counts as the wrong answer.
Outcomes binary_outcomes(std::span<const Prediction> predictions, std::span<const RightClasses> right,
                         int32_t positive);

// kMeanAbsoluteError: of the model's one output. An item that failed, or got no
// finite answer, counts as an answer of 0.
Outcomes absolute_errors(std::span<const Prediction> predictions, std::span<const double> truth);

// The labels of agreement with a model: its own best class; nothing is right where it failed.
std::vector<RightClasses> best_classes(std::span<const Prediction> reference);

}  // namespace smol
