#include "smol/plan/planning_result.h"

#include <algorithm>

namespace smol {

std::string_view name(CandidateStatus status) {
  switch (status) {
    case CandidateStatus::kChosen: return "chosen";
    case CandidateStatus::kFront: return "front";
    case CandidateStatus::kDominated: return "dominated";
    case CandidateStatus::kInfeasible: return "infeasible";
  }
  return "front";
}

const Assessment* find_candidate(const PlanningResult& result, std::string_view id) {
  const auto found = std::find_if(result.candidates.begin(), result.candidates.end(),
                                  [&](const Assessment& each) { return each.candidate.id == id; });
  return found == result.candidates.end() ? nullptr : &*found;
}

}  // namespace smol
