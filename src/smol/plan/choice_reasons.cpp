#include "smol/plan/choice_reasons.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

#include "smol/plan/feasibility.h"

namespace smol {
namespace {

struct Rates {
  double preprocessing = 0;  // items/s of each alone on the cores (the device) they use
  double execution = 0;
};

Rates rates_of(const Assessment& assessment) {
  const StageDemand demand = total_demand(assessment.candidate);
  const double preparing = demand.read_s + demand.decode_s + demand.preprocess_s;
  return {1 / preparing, assessment.estimates.execution_only};
}

bool same_formats(const Candidate& a, const Candidate& b) {
  if (a.stages.size() != b.stages.size()) return false;
  for (size_t i = 0; i < a.stages.size(); ++i) {
    if (a.stages[i].format != b.stages[i].format) return false;
  }
  return true;
}

std::string faster_text(const Assessment& fast, const Assessment& slow) {
  const double ratio = fast.items_per_s() / slow.items_per_s();
  return ratio < 1.005 ? "as fast" : fmt::format("{:.2f} times as fast", ratio);
}

std::string better_text(const Assessment& good, const Assessment& bad, Metric metric) {
  const double difference = std::abs(good.accuracy.value - bad.accuracy.value);
  if (difference == 0) return "as accurate";
  return difference_text(difference, metric) + " more accurate";
}

std::string dominated_reason(const Assessment& assessment, const Assessment& by, const PlanningResult& result) {
  const std::string both = fmt::format("{} is {} and {}", by.candidate.id, faster_text(by, assessment),
                                       better_text(by, assessment, result.calibration.metric));
  // §5.2: of the DNNs on one format, those slower than its preprocessing pay only with accuracy.
  const Rates rates = rates_of(assessment);
  const bool other_dnn = model_text(assessment.candidate) != model_text(by.candidate);
  if (other_dnn && same_formats(assessment.candidate, by.candidate) && rates.execution < rates.preprocessing) {
    return fmt::format(
        "{}; a DNN slower than its preprocessing ({} against {} on one core) pays only if it is more accurate", both,
        rate_text(rates.execution), rate_text(rates.preprocessing));
  }
  return both;
}

std::string objective_text(const PlanningResult& result) {
  return maximises_throughput(result.constraint.kind) ? "the fastest" : "the most accurate";
}

std::string chosen_reason(const Assessment& assessment, const PlanningResult& result) {
  std::string reason = objective_text(result) + " plan";
  if (result.constraint.kind != ConstraintKind::kFastest || !result.also.empty()) {
    reason += " with " + constraints_text(result);
  }
  if (assessment.candidate.id == result.calibration.reference) {
    return reason + ": the reference itself, no faster plan is known to be that close to it";
  }
  if (is_about_accuracy(result.constraint.kind) && result.constraint.kind != ConstraintKind::kMinAccuracy) {
    reason += fmt::format(": its loss is {}, and at most {} (upper 95 % bound)",
                          difference_text(assessment.loss, result.calibration.metric),
                          difference_text(assessment.loss_upper, result.calibration.metric));
  }
  return reason;
}

std::string front_reason(const Assessment& assessment, const Assessment& chosen, const PlanningResult& result) {
  if (maximises_throughput(result.constraint.kind)) {
    return fmt::format("meets the constraint, and so does {}, which is {}", chosen.candidate.id,
                       faster_text(chosen, assessment));
  }
  return fmt::format("meets the constraint, and so does {}, which is {}", chosen.candidate.id,
                     better_text(chosen, assessment, result.calibration.metric));
}

}  // namespace

void add_reasons(PlanningResult& result) {
  std::unordered_map<std::string, size_t> index;
  for (size_t i = 0; i < result.candidates.size(); ++i) index[result.candidates[i].candidate.id] = i;
  const Assessment* chosen = result.chosen.empty() ? nullptr : &result.candidates[index.at(result.chosen)];
  for (Assessment& assessment : result.candidates) {
    if (&assessment == chosen) {
      assessment.status = CandidateStatus::kChosen;
      assessment.reason = chosen_reason(assessment, result);
    } else if (!assessment.beaten_by.empty()) {
      assessment.reason = dominated_reason(assessment, result.candidates[index.at(assessment.beaten_by)], result);
    } else if (const std::string miss = first_miss(assessment, result); chosen == nullptr || !miss.empty()) {
      // If nothing was chosen, everything misses something.
      assessment.status = CandidateStatus::kInfeasible;
      assessment.reason = miss;
    } else {
      assessment.status = CandidateStatus::kFront;
      assessment.reason = front_reason(assessment, *chosen, result);
    }
  }
}

std::string nearest_miss_text(const PlanningResult& result) {
  const Assessment& accurate = *find_candidate(result, result.nearest_miss->most_accurate);
  const Assessment& fast = *find_candidate(result, result.nearest_miss->fastest);
  const auto described = [&](const Assessment& each) {
    const std::string miss = first_miss(each, result);
    return fmt::format("{} ({} on {}, {}, {} {:.4g} from {:.4g}): {}", each.candidate.id, model_text(each.candidate),
                       to_string(each.candidate.stages.back().format), rate_text(each.items_per_s()),
                       result.calibration.labelled ? name(result.calibration.metric) : "agreement",
                       each.accuracy.value, each.accuracy.low, miss);
  };
  std::string text = fmt::format("no plan has {}; nearest is {}", constraints_text(result), described(accurate));
  if (&accurate != &fast) text += "; on the other side " + described(fast);
  return text;
}

}  // namespace smol
