// Calibration sets drawn from a population whose truth is known: how often what plan() says of the plan that it
// selects holds.
#pragma once

#include <atomic>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "smol/plan/planner.h"

namespace smol {

struct CoverageCase {
  size_t groups = 60;
  size_t items_per_group = 5;
  Constraint constraint;
};

struct Coverage {
  int sets = 0;
  int accuracy_holds = 0;  // the selected plan's interval has its true accuracy
  int loss_holds = 0;      // its true loss is at most its upper bound
  double share(int holds) const { return static_cast<double>(holds) / sets; }
};

// Twelve plans, three models on four formats, several of them nearly equal, so that selection has something to be
// misled by. An item is answered if its difficulty, part of it its group's, is below the plan's skill.
class SimulatedPopulation {
 public:
  explicit SimulatedPopulation(const CoverageCase& of) : case_(of) {
    for (size_t model = 0; model < 3; ++model) {
      for (size_t format = 0; format < 4; ++format) {
        skills_.push_back(0.4 + 0.12 * static_cast<double>(model) - 0.03 * static_cast<double>(format * format));
        Candidate candidate;
        candidate.id = "c" + std::to_string(skills_.size() - 1);
        CandidateStage& stage = candidate.stages.emplace_back();
        stage.name = "m" + std::to_string(model);
        stage.format.rendition = format == 0 ? "full" : "r" + std::to_string(format);
        stage.demand.decode_s = 0.02 / static_cast<double>(format + 1);
        stage.demand.infer_core_s = 0.004 * static_cast<double>(model + 1);
        candidate.threads = candidate.streams = 2;
        candidate.outcomes = skills_.size() - 1;
        problem_.candidates.push_back(candidate);
        if (format == 0) problem_.full_outcomes.push_back(skills_.size() - 1);
      }
    }
    problem_.capacities.cores = 2;
    problem_.constraint = of.constraint;
    for (size_t i = 0; i < of.groups * of.items_per_group; ++i) {
      problem_.calibration.ids.push_back(std::to_string(i));
      problem_.calibration.groups.push_back(static_cast<uint32_t>(i / of.items_per_group));
    }
  }

  // Of `sets` seeded sets, on all cores.
  Coverage coverage(int sets, uint64_t seed) const {
    std::atomic<int> next{0};
    std::atomic<int> accuracy{0};
    std::atomic<int> loss{0};
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&] {
          for (int set = next++; set < sets; set = next++) {
            const auto [accuracy_holds, loss_holds] = one_set(seed + static_cast<uint64_t>(set));
            accuracy += accuracy_holds ? 1 : 0;
            loss += loss_holds ? 1 : 0;
          }
        });
      }
    }
    return {sets, accuracy, loss};
  }

 private:
  static constexpr double kOfGroup = 0.7;
  static constexpr double kOfItem = 0.7;
  static constexpr double kOfPlan = 0.3;

  double true_accuracy(size_t outcomes) const {
    const double deviation = std::sqrt(kOfGroup * kOfGroup + kOfItem * kOfItem + kOfPlan * kOfPlan);
    return 0.5 * std::erfc(-skills_[outcomes] / deviation / std::sqrt(2.0));
  }

  std::pair<bool, bool> one_set(uint64_t seed) const {
    PlanningProblem problem = problem_;
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    problem.outcomes.resize(skills_.size());
    for (size_t group = 0; group < case_.groups; ++group) {
      const double shared = kOfGroup * normal(random);
      for (size_t item = 0; item < case_.items_per_group; ++item) {
        const double difficulty = shared + kOfItem * normal(random);
        for (size_t i = 0; i < skills_.size(); ++i) {
          problem.outcomes[i].values.push_back(difficulty + kOfPlan * normal(random) < skills_[i] ? 1 : 0);
        }
      }
    }
    const PlanningResult result = plan(problem);
    const Assessment* chosen = find_candidate(result, result.chosen);
    if (chosen == nullptr) return {true, true};  // nothing was selected, nothing was claimed
    const double accuracy = true_accuracy(chosen->candidate.outcomes);
    const double reference = true_accuracy(find_candidate(result, result.calibration.reference)->candidate.outcomes);
    return {chosen->accuracy.low <= accuracy && accuracy <= chosen->accuracy.high,
            reference - accuracy <= chosen->loss_upper + 1e-12};
  }

  const CoverageCase case_;
  std::vector<double> skills_;
  PlanningProblem problem_;
};

}  // namespace smol
