#include "smol/report/planning_check.h"

#include <fmt/format.h>

#include <set>

#include "smol/base/error.h"

namespace smol {
namespace {

using Ids = std::set<std::string, std::less<>>;

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw Error(ErrorCode::kUsage, where + " " + why);
}

void check_known(const std::string& id, const Ids& ids, const std::string& where) {
  if (!id.empty() && !ids.contains(id)) refuse(where, "is no candidate's id: " + id);
}

void check_candidate(const Assessment& assessment, const std::string& where) {
  const Interval& accuracy = assessment.accuracy;
  if (!(accuracy.low <= accuracy.value && accuracy.value <= accuracy.high)) {
    refuse(where, fmt::format("has accuracy_low, accuracy and accuracy_high out of order: {}, {}, {}", accuracy.low,
                              accuracy.value, accuracy.high));
  }
  if (!(assessment.items_per_s() > 0)) {
    refuse(where + ".throughput", fmt::format("must be above 0: {}", assessment.items_per_s()));
  }
}

}  // namespace

void check_planning(const PlanningResult& planning, const std::string& where) {
  if (planning.candidates.empty()) refuse(where + ".candidates", "must have at least one entry");
  Ids ids;
  for (size_t i = 0; i < planning.candidates.size(); ++i) {
    const std::string place = fmt::format("{}.candidates[{}]", where, i);
    const std::string& id = planning.candidates[i].candidate.id;
    if (id.empty()) refuse(place + ".id", "must not be empty");
    if (!ids.insert(id).second) refuse(place + ".id", "is another candidate's, too: " + id);
    check_candidate(planning.candidates[i], place);
  }
  for (size_t i = 0; i < planning.candidates.size(); ++i) {
    check_known(planning.candidates[i].beaten_by, ids, fmt::format("{}.candidates[{}].beaten_by", where, i));
  }
  check_known(planning.chosen, ids, where + ".chosen");
  check_known(planning.calibration.reference, ids, where + ".calibration.reference");
  for (size_t i = 0; i < planning.examples.size(); ++i) {
    for (const auto& [id, text] : planning.examples[i].predictions) {
      check_known(id, ids, fmt::format("{}.examples[{}].predictions", where, i));
    }
  }
}

}  // namespace smol
