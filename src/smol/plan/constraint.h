// What a plan has to meet, and what is then made as good as possible (paper eq. 1).
#pragma once

#include <string>
#include <string_view>

namespace smol {

enum class ConstraintKind : uint8_t {
  kMaxLoss,      // fastest; its loss against the reference, at the upper 95 % bound, is at most this (0.01: 1 point)
  kMinAccuracy,  // fastest; accuracy at the lower bound of its interval at least this
  kMinThroughput,  // most accurate; at least so many items/s
  kMaxCost,        // most accurate; at most so many cents per million items
  kMaxLatency,     // most accurate; at most so many milliseconds from reading an item to its answer
  kFastest,        // fastest, whatever it answers
  kPareto,         // as kMaxLoss with the default; the caller shows the whole front
};

struct Constraint {
  ConstraintKind kind = ConstraintKind::kMaxLoss;
  double value = 0.01;  // of kFastest: unused
  bool operator==(const Constraint&) const = default;
};

std::string_view name(ConstraintKind kind);              // "max_loss", "min_accuracy", ...
ConstraintKind parse_constraint_kind(std::string_view);  // throws Error(kUsage)

}  // namespace smol
