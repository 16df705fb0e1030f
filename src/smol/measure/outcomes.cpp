#include "smol/measure/outcomes.h"

#include <algorithm>
#include <cmath>

namespace smol {
namespace {

bool is_right(const RightClasses& right, int32_t predicted) {
  return std::binary_search(right.begin(), right.end(), predicted);
}

}  // namespace

Outcomes top_k_outcomes(std::span<const Prediction> predictions, std::span<const RightClasses> right, int k) {
  Outcomes outcomes;
  outcomes.values.reserve(predictions.size());
  for (size_t i = 0; i < predictions.size(); ++i) {
    const std::vector<int32_t>& classes = predictions[i].classes;
    const auto end = classes.begin() + std::min<ptrdiff_t>(k, std::ssize(classes));
    const bool found = std::any_of(classes.begin(), end, [&](int32_t one) { return is_right(right[i], one); });
    outcomes.values.push_back(found ? 1.0F : 0.0F);
  }
  return outcomes;
}

Outcomes binary_outcomes(std::span<const Prediction> predictions, std::span<const RightClasses> right,
                         int32_t positive) {
  Outcomes outcomes;
  outcomes.values.reserve(predictions.size());
  for (size_t i = 0; i < predictions.size(); ++i) {
    const bool is_positive = is_right(right[i], positive);
    const bool failed = predictions[i].classes.empty();
    const bool said_positive = failed ? !is_positive : predictions[i].classes.front() == positive;
    if (is_positive) {
      outcomes.values.push_back(said_positive ? kTruePositive : kFalseNegative);
    } else {
      outcomes.values.push_back(said_positive ? kFalsePositive : kTrueNegative);
    }
  }
  return outcomes;
}

Outcomes absolute_errors(std::span<const Prediction> predictions, std::span<const double> truth) {
  Outcomes outcomes;
  outcomes.values.reserve(predictions.size());
  for (size_t i = 0; i < predictions.size(); ++i) {
    const std::vector<float>& values = predictions[i].values;
    const double said = values.empty() || !std::isfinite(values.front()) ? 0.0 : static_cast<double>(values.front());
    outcomes.values.push_back(static_cast<float>(std::abs(said - truth[i])));
  }
  return outcomes;
}

std::vector<RightClasses> best_classes(std::span<const Prediction> reference) {
  std::vector<RightClasses> right;
  right.reserve(reference.size());
  for (const Prediction& prediction : reference) {
    right.push_back(prediction.classes.empty() ? RightClasses{} : RightClasses{prediction.classes.front()});
  }
  return right;
}

}  // namespace smol
