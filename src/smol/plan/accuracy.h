// What a calibration set says about plans: outcomes of its items, and intervals for the metric.
//
// Every metric is a ratio of two sums over items (top-1: correct / 1; F1: 2 TP / (2 TP + FP + FN); ...), so that one
// kind of statistics serves all (statistics.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smol {

enum class Metric : uint8_t { kTop1, kTop5, kF1, kPrecision, kRecall, kMeanAbsoluteError };
std::string_view name(Metric metric);        // "top1", "top5", "f1", "precision", "recall", "mae"
Metric parse_metric(std::string_view name);  // throws Error(kUsage)
bool larger_is_better(Metric metric);        // all but mae

// Values of Outcomes for kF1, kPrecision and kRecall.
inline constexpr float kTrueNegative = 0;
inline constexpr float kTruePositive = 1;
inline constexpr float kFalsePositive = 2;
inline constexpr float kFalseNegative = 3;

// Of one (model, input format), in the order of CalibrationSet::ids. Top-1 and top-5: 1 correct, 0 not (also an item
// that failed). F1, precision, recall: one of the four values above. MAE: the absolute error.
struct Outcomes {
  std::vector<float> values;
};

struct CalibrationSet {
  std::vector<std::string> ids;
  // Items of a group (pictures of one object, frames of one video) are not independent of each other. Any numbers;
  // all different: no groups.
  std::vector<uint32_t> groups;
  Metric metric = Metric::kTop1;
  bool labelled = true;  // false: agreement with a reference model, never to be called accuracy
};

// low <= value <= high.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
  bool operator==(const Interval&) const = default;
};

}  // namespace smol
