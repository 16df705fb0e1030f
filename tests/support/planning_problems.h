// Seeded planning problems: models of rising cost and accuracy, formats of falling cost and accuracy, clustered
// items.
#pragma once

#include <random>
#include <string>

#include "smol/plan/planner.h"

namespace smol {

struct ProblemSize {
  size_t models = 3;
  size_t formats = 4;
  size_t settings = 2;
  size_t items = 300;
  size_t groups = 60;
};

// Items of a group share a difficulty, and all plans see the same items: outcomes are correlated in both ways.
inline PlanningProblem make_problem(const ProblemSize& size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0.5, 1.5);
  PlanningProblem problem;
  problem.capacities.cores = 2;
  problem.prices.cents_per_core_hour = 4;
  std::vector<double> difficulty;
  std::vector<double> of_group(size.groups);
  for (double& each : of_group) each = normal(random);
  for (size_t i = 0; i < size.items; ++i) {
    problem.calibration.ids.push_back("i" + std::to_string(i));
    problem.calibration.groups.push_back(static_cast<uint32_t>(i % size.groups));
    difficulty.push_back(0.7 * of_group[i % size.groups] + 0.7 * normal(random));
  }
  for (size_t m = 0; m < size.models; ++m) {
    const double dnn_s = 0.004 * static_cast<double>(m + 1) * uniform(random);
    for (size_t f = 0; f < size.formats; ++f) {
      const double decode_s = 0.020 / static_cast<double>(f * f + 1) * uniform(random);
      const double skill = 0.5 + 0.3 * static_cast<double>(m) - 0.1 * static_cast<double>(f * f) * uniform(random);
      Outcomes& outcomes = problem.outcomes.emplace_back();
      for (const double each : difficulty) outcomes.values.push_back(each + 0.3 * normal(random) < skill ? 1 : 0);
      if (f == 0) problem.full_outcomes.push_back(problem.outcomes.size() - 1);
      for (size_t s = 0; s < size.settings; ++s) {
        Candidate candidate;
        candidate.id = "c" + std::to_string(problem.candidates.size());
        CandidateStage& stage = candidate.stages.emplace_back();
        stage.model = m;
        stage.name = "m" + std::to_string(m);
        stage.format.rendition = f == 0 ? "full" : "r" + std::to_string(f);
        stage.demand.decode_s = decode_s;
        stage.demand.infer_core_s = dnn_s * (1 + 0.05 * static_cast<double>(s));
        candidate.threads = candidate.streams = 2;
        candidate.batch = int64_t{1} << s;
        candidate.outcomes = problem.outcomes.size() - 1;
        problem.candidates.push_back(candidate);
      }
    }
  }
  return problem;
}

}  // namespace smol
