// The planner against a twin that compares every candidate with every other one.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "planning_problems.h"
#include "smol/plan/pareto_front.h"
#include "smol/plan/planner.h"

namespace smol {
namespace {

bool beats(const ParetoPoint& a, size_t index_a, const ParetoPoint& b, size_t index_b) {
  if (a.goodness < b.goodness || a.items_per_s < b.items_per_s) return false;
  return a.goodness > b.goodness || a.items_per_s > b.items_per_s || index_a < index_b;
}

TEST(ParetoFront, IsThatOfComparingAllPairs) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<ParetoPoint> points(1 + random() % 40);
    for (ParetoPoint& point : points) {  // few values: many ties
      point = {static_cast<double>(random() % 6), static_cast<double>(random() % 6)};
    }
    const std::vector<size_t> beaten = beaten_by(points);
    for (size_t i = 0; i < points.size(); ++i) {
      size_t fastest = i;  // of those on the front that beat it
      for (size_t j = 0; j < points.size(); ++j) {
        if (!beats(points[j], j, points[i], i)) continue;
        if (fastest == i || points[j].items_per_s > points[fastest].items_per_s) fastest = j;
      }
      ASSERT_EQ(beaten[i] == i, fastest == i) << round;
      if (beaten[i] == i) continue;
      EXPECT_TRUE(beats(points[beaten[i]], beaten[i], points[i], i));
      EXPECT_EQ(points[beaten[i]].items_per_s, points[fastest].items_per_s);
      EXPECT_EQ(beaten[beaten[i]], beaten[i]) << "what beats others is on the front itself";
    }
  }
}

bool admits(const Assessment& each, const Constraint& constraint) {
  switch (constraint.kind) {
    case ConstraintKind::kMaxLoss:
    case ConstraintKind::kPareto: return each.loss_upper <= constraint.value;
    case ConstraintKind::kMinAccuracy: return each.accuracy.low >= constraint.value;
    case ConstraintKind::kMinThroughput: return each.items_per_s() >= constraint.value;
    case ConstraintKind::kMaxCost: return each.cents_per_million <= constraint.value;
    case ConstraintKind::kMaxLatency: return each.latency_ms <= constraint.value;
    case ConstraintKind::kFastest: return true;
  }
  return false;
}

// No admissible candidate may be better in what the constraint makes as good as possible, nor equal there and better
// in the other.
void expect_best(const PlanningResult& result) {
  const auto admissible = [&](const Assessment& each) {
    return admits(each, result.constraint) &&
           std::all_of(result.also.begin(), result.also.end(), [&](const Constraint& c) { return admits(each, c); });
  };
  const bool fast_first = result.constraint.kind != ConstraintKind::kMinThroughput &&
                          result.constraint.kind != ConstraintKind::kMaxCost &&
                          result.constraint.kind != ConstraintKind::kMaxLatency;
  const Assessment* chosen = find_candidate(result, result.chosen);
  if (chosen == nullptr) {
    EXPECT_TRUE(result.chosen.empty() && result.nearest_miss);
    for (const Assessment& each : result.candidates) EXPECT_FALSE(admissible(each));
    return;
  }
  EXPECT_FALSE(result.nearest_miss);
  EXPECT_TRUE(admissible(*chosen));
  for (const Assessment& each : result.candidates) {
    if (!admissible(each)) continue;
    const double speed = each.items_per_s() - chosen->items_per_s();
    const double accuracy = each.accuracy.value - chosen->accuracy.value;
    const double first = fast_first ? speed : accuracy;
    const double second = fast_first ? accuracy : speed;
    EXPECT_TRUE(first < 0 || (first == 0 && second <= 0)) << each.candidate.id << " beats " << result.chosen;
  }
}

TEST(Planner, ChoosesWhatNoAdmissibleCandidateBeats) {
  int infeasible = 0;
  int besides_the_reference = 0;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    PlanningProblem problem = make_problem({}, seed);
    for (size_t i = 0; i < problem.candidates.size(); i += 3) {
      problem.candidates[i].measured_items_per_s = 20 + static_cast<double>((seed * 37 + i * 11) % 300);
    }
    for (const Constraint constraint :
         {Constraint{}, Constraint{ConstraintKind::kMaxLoss, 0.08}, Constraint{ConstraintKind::kMinAccuracy, 0.65},
          Constraint{ConstraintKind::kMinAccuracy, 0.99}, Constraint{ConstraintKind::kMinThroughput, 150},
          Constraint{ConstraintKind::kMinThroughput, 1e5}, Constraint{ConstraintKind::kMaxCost, 12},
          Constraint{ConstraintKind::kMaxLatency, 40}, Constraint{ConstraintKind::kFastest, 0},
          Constraint{ConstraintKind::kPareto, 0.01}}) {
      problem.constraint = constraint;
      problem.also =
          seed % 5 == 4 ? std::vector<Constraint>{{ConstraintKind::kMaxLatency, 60}} : std::vector<Constraint>{};
      const PlanningResult result = plan(problem);
      expect_best(result);
      infeasible += result.chosen.empty() ? 1 : 0;
      besides_the_reference += !result.chosen.empty() && result.chosen != result.calibration.reference ? 1 : 0;
      EXPECT_EQ(plan(problem), result);
    }
  }
  EXPECT_GT(infeasible, 10);  // the twin saw both ends
  EXPECT_GT(besides_the_reference, 20);
}

}  // namespace
}  // namespace smol
