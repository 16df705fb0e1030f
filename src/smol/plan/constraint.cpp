#include "smol/plan/constraint.h"

#include <array>
#include <utility>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr std::array<std::pair<ConstraintKind, std::string_view>, 7> kNames = {
    {{ConstraintKind::kMaxLoss, "max_loss"},
     {ConstraintKind::kMinAccuracy, "min_accuracy"},
     {ConstraintKind::kMinThroughput, "min_throughput"},
     {ConstraintKind::kMaxCost, "max_cost"},
     {ConstraintKind::kMaxLatency, "max_latency"},
     {ConstraintKind::kFastest, "fastest"},
     {ConstraintKind::kPareto, "pareto"}}};

}  // namespace

std::string_view name(ConstraintKind kind) {
  for (const auto& [value, text] : kNames) {
    if (value == kind) return text;
  }
  return "max_loss";
}

ConstraintKind parse_constraint_kind(std::string_view name) {
  for (const auto& [value, text] : kNames) {
    if (text == name) return value;
  }
  throw Error(ErrorCode::kUsage,
              "a constraint is max_loss, min_accuracy, min_throughput, max_cost, max_latency, fastest or pareto: " +
                  std::string(name));
}

}  // namespace smol
