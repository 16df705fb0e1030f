#include "smol/measure/planning_examples.h"

#include <algorithm>
#include <filesystem>
#include <string>

namespace smol {
namespace {

struct Shown {
  std::string id;
  const EvaluatedCandidate* evaluated = nullptr;
};

std::vector<Shown> shown_candidates(const PlanningResult& result, const Evaluation& evaluation,
                                    const std::vector<LoadedModel>& models) {
  std::vector<Shown> shown;
  for (const Assessment& one : result.candidates) {
    const std::string& id = one.candidate.id;
    if (!one.pareto && id != result.chosen && id != result.calibration.reference) continue;
    const CandidateStage& stage = one.candidate.stages.front();
    const LoadedModel& model = models[stage.model];
    const EvaluatedCandidate* evaluated =
        evaluation.find(model.hash, to_text(model.manifest.preprocessing), stage.format);
    if (evaluated != nullptr && !evaluated->answers.empty()) shown.push_back({id, evaluated});
  }
  return shown;
}

// Class indices of the label file as the names that people know; labels that are names already stay.
std::string readable_label(const std::string& label, const std::vector<std::string>& names) {
  std::string text;
  for (size_t begin = 0; begin <= label.size();) {
    const size_t end = std::min(label.find('|', begin), label.size());
    const std::string part = label.substr(begin, end - begin);
    const bool is_index = !part.empty() && part.size() < 9 && part.find_first_not_of("0123456789") == part.npos;
    const size_t index = is_index ? std::stoul(part) : names.size();
    text += (text.empty() ? "" : " or ") + (index < names.size() ? names[index] : part);
    begin = end + 1;
  }
  return text;
}

}  // namespace

std::vector<PlanningExample> planning_examples(const PlanningResult& result, const Evaluation& evaluation,
                                               const std::vector<LoadedModel>& models, size_t most) {
  const std::vector<Shown> shown = shown_candidates(result, evaluation, models);
  if (shown.empty() || evaluation.paths.size() != evaluation.set.ids.size()) return {};
  const auto outcome = [](const Shown& one, size_t item) { return one.evaluated->outcomes.values[item]; };
  const auto rank = [&](size_t item) {
    const Shown* chosen = nullptr;
    const Shown* reference = nullptr;
    bool any_differ = false;
    for (const Shown& one : shown) {
      if (one.id == result.chosen) chosen = &one;
      if (one.id == result.calibration.reference) reference = &one;
      any_differ = any_differ || outcome(one, item) != outcome(shown.front(), item);
    }
    const bool both = chosen != nullptr && reference != nullptr;
    return both && outcome(*chosen, item) != outcome(*reference, item) ? 0 : any_differ ? 1 : 2;
  };
  std::vector<size_t> items(evaluation.set.ids.size());
  for (size_t i = 0; i < items.size(); ++i) items[i] = i;
  std::stable_sort(items.begin(), items.end(), [&](size_t a, size_t b) { return rank(a) < rank(b); });
  items.resize(std::min(items.size(), most));
  std::vector<std::string> names;
  const std::filesystem::path& labels = models.front().manifest.labels;
  if (!labels.empty()) names = read_labels(labels);
  std::vector<PlanningExample> examples;
  for (const size_t item : items) {
    PlanningExample example;
    example.id = evaluation.set.ids[item];
    example.image = std::filesystem::absolute(evaluation.paths[item]).string();
    example.label = readable_label(evaluation.labels[item], names);
    for (const Shown& one : shown) example.predictions[one.id] = one.evaluated->answers[item];
    examples.push_back(std::move(example));
  }
  return examples;
}

}  // namespace smol
