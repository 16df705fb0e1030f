#include "smol/plan/accuracy.h"

#include <array>
#include <utility>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr std::array<std::pair<Metric, std::string_view>, 6> kNames = {{{Metric::kTop1, "top1"},
                                                                        {Metric::kTop5, "top5"},
                                                                        {Metric::kF1, "f1"},
                                                                        {Metric::kPrecision, "precision"},
                                                                        {Metric::kRecall, "recall"},
                                                                        {Metric::kMeanAbsoluteError, "mae"}}};

}  // namespace

std::string_view name(Metric metric) {
  for (const auto& [value, text] : kNames) {
    if (value == metric) return text;
  }
  return "top1";
}

Metric parse_metric(std::string_view name) {
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  throw Error(ErrorCode::kUsage, "a metric is top1, top5, f1, precision, recall or mae: " + std::string(name));
}

bool larger_is_better(Metric metric) { return metric != Metric::kMeanAbsoluteError; }

}  // namespace smol
