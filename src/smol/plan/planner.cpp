#include "smol/plan/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "smol/base/error.h"
#include "smol/plan/choice_reasons.h"
#include "smol/plan/feasibility.h"
#include "smol/plan/pareto_front.h"
#include "smol/plan/statistics.h"

namespace smol {
namespace {

void check(const PlanningProblem& problem) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorCode::kUsage, "planning: " + what); };
  if (problem.candidates.empty()) refuse("there is no candidate");
  if (problem.full_outcomes.empty()) refuse("there is no model at full resolution to compare with");
  for (const size_t index : problem.full_outcomes) {
    if (index >= problem.outcomes.size()) refuse("full_outcomes is beyond the outcomes: " + std::to_string(index));
  }
  std::unordered_set<std::string_view> ids;
  for (const Candidate& candidate : problem.candidates) {
    if (candidate.stages.empty()) refuse("a candidate has no stage: " + candidate.id);
    if (candidate.outcomes >= problem.outcomes.size()) refuse("a candidate without outcomes: " + candidate.id);
    if (!ids.insert(candidate.id).second) refuse("two candidates have one id: " + candidate.id);
  }
  const auto is_min_accuracy = [](const Constraint& each) { return each.kind == ConstraintKind::kMinAccuracy; };
  if (problem.calibration.metric == Metric::kMeanAbsoluteError &&
      (is_min_accuracy(problem.constraint) ||
       std::any_of(problem.also.begin(), problem.also.end(), is_min_accuracy))) {
    refuse("an error has no lower limit: give --max-loss instead of --min-accuracy with the metric mae");
  }
}

Assessment assess_speed(const Candidate& candidate, const PlanningProblem& problem) {
  Assessment made;
  made.candidate = candidate;
  const std::vector<StageCost> costs = stage_costs(candidate);
  const Capacities capacities = capacities_of(candidate, problem.capacities);
  const ResourceBound bound = resource_bound(costs, capacities);
  made.estimates = {bound.items_per_s, execution_only_model().items_per_s(costs, capacities),
                    no_overlap_model().items_per_s(costs, capacities),
                    paper_min_model().items_per_s(costs, capacities)};
  made.bound_by = bound.resource;
  made.cents_per_million =
      cents_per_million(problem.prices, capacities.cores, capacities.devices, made.items_per_s());
  // Little's law: an item in each producer's hands, and the engine's ring full of batches: one in each stream, one
  // that waits for it, those that are filling, two to spare (engine/pipeline.h, slots_needed()).
  const int64_t filling = (candidate.threads + candidate.batch - 1) / candidate.batch + 1;
  const int64_t batches = candidate.streams + 1 + filling + 2;
  const auto under_way = static_cast<double>(candidate.threads + candidate.batch * batches);
  made.latency_ms = 1e3 * under_way / made.items_per_s();
  return made;
}

// The fastest candidate of each outcome; candidates.size(): it has none.
std::vector<size_t> fastest_by_outcome(const PlanningResult& result, size_t outcomes) {
  const size_t none = result.candidates.size();
  std::vector<size_t> fastest(outcomes, none);
  for (size_t i = 0; i < result.candidates.size(); ++i) {
    size_t& best = fastest[result.candidates[i].candidate.outcomes];
    if (best == none || result.candidates[i].items_per_s() > result.candidates[best].items_per_s()) best = i;
  }
  return fastest;
}

// The best of the full-resolution outcomes that have a candidate; of equal ones the faster.
size_t choose_reference(const PlanningProblem& problem, const PlanningResult& result,
                        const std::vector<Interval>& intervals, const std::vector<size_t>& fastest) {
  const double sign = larger_is_better(problem.calibration.metric) ? 1 : -1;
  size_t best = problem.outcomes.size();
  for (const size_t outcome : problem.full_outcomes) {
    if (fastest[outcome] == result.candidates.size()) continue;
    if (best < problem.outcomes.size()) {
      const double better_by = sign * (intervals[outcome].value - intervals[best].value);
      const bool is_faster =
          result.candidates[fastest[outcome]].items_per_s() > result.candidates[fastest[best]].items_per_s();
      if (better_by < 0 || (better_by == 0 && !is_faster)) continue;
    }
    best = outcome;
  }
  if (best == problem.outcomes.size()) {
    throw Error(ErrorCode::kUsage,
                "planning: no candidate reads items at full resolution, so there is none to compare with");
  }
  return best;
}

double loss_limit(const PlanningProblem& problem) {
  double limit = std::numeric_limits<double>::infinity();
  const auto take = [&](const Constraint& each) {
    if (each.kind == ConstraintKind::kMaxLoss || each.kind == ConstraintKind::kPareto)
      limit = std::min(limit, each.value);
  };
  take(problem.constraint);
  for (const Constraint& each : problem.also) take(each);
  return limit;
}

void assess_accuracy(const PlanningProblem& problem, PlanningResult& result) {
  const std::vector<Interval> intervals = simultaneous_intervals(problem.calibration, problem.outcomes);
  const std::vector<size_t> fastest = fastest_by_outcome(result, problem.outcomes.size());
  const size_t reference = choose_reference(problem, result, intervals, fastest);
  result.calibration.reference = result.candidates[fastest[reference]].candidate.id;
  // Contenders for the place of the reference are those that have a faster candidate: the others cannot be chosen for
  // their speed, and would make the bounds of those that can wider.
  std::vector<size_t> contenders;
  std::vector<size_t> others;
  const double reference_rate = result.candidates[fastest[reference]].items_per_s();
  for (size_t outcome = 0; outcome < problem.outcomes.size(); ++outcome) {
    if (outcome == reference || fastest[outcome] == result.candidates.size()) continue;
    const bool is_faster = result.candidates[fastest[outcome]].items_per_s() > reference_rate;
    (is_faster ? contenders : others).push_back(outcome);
  }
  std::vector<PairedLoss> losses(problem.outcomes.size());
  const double limit = loss_limit(problem);
  for (const std::vector<size_t>* family : {&contenders, &others}) {
    const std::vector<PairedLoss> of_family =
        simultaneous_losses(problem.calibration, problem.outcomes, reference, *family, limit);
    for (size_t i = 0; i < family->size(); ++i) losses[(*family)[i]] = of_family[i];
  }
  for (Assessment& assessment : result.candidates) {
    const size_t outcome = assessment.candidate.outcomes;
    assessment.accuracy = intervals[outcome];
    assessment.loss = losses[outcome].loss;
    assessment.loss_upper = losses[outcome].upper;
    assessment.resolved = losses[outcome].resolved;
  }
}

void mark_front(PlanningResult& result) {
  std::vector<ParetoPoint> points;
  for (const Assessment& assessment : result.candidates) {
    points.push_back({goodness(assessment, result.calibration.metric), assessment.items_per_s()});
  }
  const std::vector<size_t> beaten = beaten_by(points);
  for (size_t i = 0; i < points.size(); ++i) {
    Assessment& assessment = result.candidates[i];
    assessment.pareto = beaten[i] == i;
    if (!assessment.pareto) {
      assessment.beaten_by = result.candidates[beaten[i]].candidate.id;
      assessment.status = CandidateStatus::kDominated;
    }
  }
}

// By what the constraint makes as good as possible, then by the other, then the first. Null: none.
template <typename Admits>
const Assessment* best(const PlanningResult& result, bool by_throughput, Admits admits) {
  const auto key = [&](const Assessment& each) {
    const double good = goodness(each, result.calibration.metric);
    const double fast = each.items_per_s();
    return by_throughput ? std::pair(fast, good) : std::pair(good, fast);
  };
  const Assessment* found = nullptr;
  for (const Assessment& each : result.candidates) {
    if (admits(each) && (found == nullptr || key(each) > key(*found))) found = &each;
  }
  return found;
}

void choose(PlanningResult& result) {
  const Assessment* chosen = best(result, maximises_throughput(result.constraint.kind), [&](const Assessment& each) {
    return accurate_enough(each, result) && fast_enough(each, result);
  });
  if (chosen != nullptr) {
    result.chosen = chosen->candidate.id;
    return;
  }
  // On either side: who is fast enough, and how accurate; who is accurate enough, and how fast.
  const auto anyone = [](const Assessment&) { return true; };
  const Assessment* accurate = best(result, false, [&](const Assessment& each) { return fast_enough(each, result); });
  const Assessment* fast = best(result, true, [&](const Assessment& each) { return accurate_enough(each, result); });
  if (accurate == nullptr) accurate = best(result, true, anyone);  // nobody is: then the fastest there is
  if (fast == nullptr) fast = best(result, false, anyone);
  result.nearest_miss = NearestMiss{accurate->candidate.id, fast->candidate.id, ""};
  result.nearest_miss->explanation = nearest_miss_text(result);
}

}  // namespace

PlanningResult plan(const PlanningProblem& problem) {
  check(problem);
  PlanningResult result;
  std::unordered_set<uint32_t> groups(problem.calibration.groups.begin(), problem.calibration.groups.end());
  result.calibration.items = static_cast<int64_t>(problem.calibration.ids.size());
  result.calibration.groups = groups.empty() ? result.calibration.items : static_cast<int64_t>(groups.size());
  result.calibration.metric = problem.calibration.metric;
  result.calibration.labelled = problem.calibration.labelled;
  result.constraint = problem.constraint;
  result.also = problem.also;
  result.prices = problem.prices;
  for (const Candidate& candidate : problem.candidates) result.candidates.push_back(assess_speed(candidate, problem));
  assess_accuracy(problem, result);
  mark_front(result);
  choose(result);
  add_reasons(result);
  return result;
}

std::vector<std::string> candidates_to_measure(const PlanningResult& result, double margin, size_t limit) {
  const Assessment* chosen = find_candidate(result, result.chosen);
  const bool wants_front = result.constraint.kind == ConstraintKind::kPareto;
  const bool by_throughput = maximises_throughput(result.constraint.kind);
  const Metric metric = result.calibration.metric;
  size_t measured = 0;
  std::vector<const Assessment*> open;
  for (const Assessment& each : result.candidates) {
    const bool could_be_chosen =
        accurate_enough(each, result) && fast_enough(each, result, margin) &&
        (chosen == nullptr || (by_throughput ? each.items_per_s() * (1 + margin) >= chosen->items_per_s()
                                             : goodness(each, metric) >= goodness(*chosen, metric)));
    if (each.candidate.measured_items_per_s) {
      ++measured;  // for whatever constraint: another one is to measure nothing but its own choice
    } else if (could_be_chosen || (wants_front && each.pareto)) {
      open.push_back(&each);
    }
  }
  std::stable_sort(open.begin(), open.end(), [&](const Assessment* a, const Assessment* b) {
    if ((a == chosen) != (b == chosen)) return a == chosen;
    return a->items_per_s() > b->items_per_s();
  });
  // The choice itself is always measured; others while there is room.
  const bool chosen_is_open = !open.empty() && open.front() == chosen;
  const size_t room = std::max<size_t>(limit > measured ? limit - measured : 0, chosen_is_open ? 1 : 0);
  std::vector<std::string> ids;
  for (const Assessment* each : open) {
    if (ids.size() < room) ids.push_back(each->candidate.id);
  }
  return ids;
}

}  // namespace smol
