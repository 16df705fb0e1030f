// Two figures of the planner: the time for 10,000 candidates, and how often the interval of the plan that was
// selected holds over 10,000 simulated calibration sets (tests/support/simulated_calibration.h).
#include <cstdio>

#include "planning_problems.h"
#include "simulated_calibration.h"
#include "smol/base/clock.h"

namespace {

constexpr int kSets = 10'000;
constexpr double kLeastCoverage = 0.945;
constexpr double kMostSeconds = 1;

bool bar(const char* name, double figure, double needed, bool ok) {
  std::printf("bar planner/%s %.4f %.4g %s\n", name, figure, needed, ok ? "ok" : "short");
  return ok;
}

}  // namespace

int main() {
  using namespace smol;
  bool all = true;
  PlanningProblem problem = make_problem({20, 10, 50, 1000, 100}, 1);
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const int64_t start = wall_ns();
    const PlanningResult result = plan(problem);
    best = std::min(best, static_cast<double>(wall_ns() - start) * 1e-9);
    problem.constraint = {ConstraintKind::kMinAccuracy, 0.5 + 0.1 * round};  // another constraint, the same data
    std::printf("%zu candidates, 200 outcomes of 1,000 items: chosen %s\n", result.candidates.size(),
                result.chosen.c_str());
  }
  all &= bar("seconds-for-10000-candidates", best, kMostSeconds, best < kMostSeconds);
  const struct {
    const char* name;
    CoverageCase of;
  } cases[] = {{"selected-for-loss", {60, 5, {ConstraintKind::kMaxLoss, 0.05}}},
               {"selected-for-accuracy", {60, 5, {ConstraintKind::kMinThroughput, 1}}},
               {"few-groups", {20, 10, {ConstraintKind::kMaxLoss, 0.08}}}};
  for (const auto& [name, of] : cases) {
    const Coverage coverage = SimulatedPopulation(of).coverage(kSets, 10'000'000);
    const double accuracy = coverage.share(coverage.accuracy_holds);
    const double loss = coverage.share(coverage.loss_holds);
    all &=
        bar((std::string("coverage-accuracy-") + name).c_str(), accuracy, kLeastCoverage, accuracy >= kLeastCoverage);
    all &= bar((std::string("coverage-loss-") + name).c_str(), loss, kLeastCoverage, loss >= kLeastCoverage);
  }
  return all ? 0 : 1;
}
