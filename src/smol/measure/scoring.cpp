#include "smol/measure/scoring.h"

#include <algorithm>

#include "smol/base/error.h"
#include "smol/measure/item_labels.h"
#include "smol/measure/outcomes.h"
#include "smol/plan/statistics.h"

namespace smol {
namespace {

bool is_binary(Metric metric) {
  return metric == Metric::kF1 || metric == Metric::kPrecision || metric == Metric::kRecall;
}

// As statistics.h makes it, for a metric that may be another one than the set's.
Interval metric_interval(const CalibrationSet& set, const Outcomes& outcomes, Metric metric) {
  CalibrationSet measured = set;
  measured.metric = metric;
  return interval(measured, outcomes);
}

// Candidate minus reference in the metric's unit. The bounds of a loss are one-sided: half of what may be missed
// each.
Interval difference_interval(const CalibrationSet& set, const Outcomes& candidate, const Outcomes& reference) {
  const PairedLoss loss = paired_loss(set, candidate, reference, 1 - (1 - kConfidence) / 2);
  if (!larger_is_better(set.metric)) return {loss.loss, loss.lower, loss.upper};
  return {0 - loss.loss, std::max(-1.0, -loss.upper), std::min(1.0, -loss.lower)};
}

class Scorer {
 public:
  explicit Scorer(ScoringInput input) : input_(std::move(input)), metric_(chosen_metric()) {
    if (!input_.labels) agreed_ = find_agreed();
    if (metric_ != Metric::kMeanAbsoluteError) {
      for (size_t model = 0; model < input_.models.size(); ++model) right_.push_back(right_of(model));
    } else {
      truth_ = true_numbers();
    }
    if (is_binary(metric_)) {
      const LabelRow positive{"", {input_.positive}, "", 0};
      positive_ = right_classes(positive, "--positive", input_.models[0].labels, input_.models[0].outputs).front();
    }
  }

  Evaluation run() {
    Evaluation evaluation;
    evaluation.set.ids = input_.ids;
    evaluation.set.metric = metric_;
    evaluation.set.labelled = input_.labels != nullptr;
    evaluation.engine = input_.engine;
    evaluation.paths = input_.paths;
    if (agreed_) evaluation.reference_model = input_.models[*input_.reference_model].name;
    for (size_t i = 0; i < input_.ids.size(); ++i) {
      evaluation.groups.push_back(row(i) != nullptr ? row(i)->group : std::string());
      evaluation.labels.push_back(label_text(i));
    }
    evaluation.set.groups = group_numbers(evaluation.groups);
    for (const ScoredCell& cell : input_.cells) evaluation.candidates.push_back(candidate_of(cell, evaluation.set));
    evaluation.reference = reference_of(evaluation);
    const EvaluatedCandidate& reference = evaluation.candidates[evaluation.reference];
    for (EvaluatedCandidate& candidate : evaluation.candidates) {
      if (&candidate == &reference) continue;
      candidate.difference = difference_interval(evaluation.set, candidate.outcomes, reference.outcomes);
    }
    return evaluation;
  }

 private:
  Metric chosen_metric() const {
    const int64_t outputs = input_.models[0].outputs;
    const Metric by_outputs = outputs == 1 ? Metric::kMeanAbsoluteError : outputs == 2 ? Metric::kF1 : Metric::kTop1;
    const Metric chosen = input_.metric.value_or(by_outputs);
    if ((chosen == Metric::kMeanAbsoluteError) != (outputs == 1)) {
      throw Error(ErrorCode::kUsage,
                  "--metric: mae goes with models of one output, the others with classes; this one has " +
                      std::to_string(outputs) + ": " + input_.models[0].path.string());
    }
    return chosen;
  }

  // The reference model on full decodes.
  const ScoredCell* find_agreed() const {
    for (const ScoredCell& cell : input_.cells) {
      if (cell.model == *input_.reference_model && cell.format == full_format()) return &cell;
    }
    throw Error(ErrorCode::kUsage, "--reference-model needs its answers on " + to_string(full_format()));
  }

  InputFormat full_format() const { return {input_.cells.front().format.rendition, {}}; }

  const LabelRow* row(size_t item) const {
    return input_.labels ? input_.labels->find((*input_.label_ids)[item]) : nullptr;
  }

  std::vector<RightClasses> right_of(size_t model) const {
    if (agreed_) return best_classes(agreed_->predictions);
    std::vector<RightClasses> right;
    const ScoredModel& scored = input_.models[model];
    for (size_t i = 0; i < input_.ids.size(); ++i) {
      right.push_back(right_classes(*row(i), input_.labels->where(), scored.labels, scored.outputs));
    }
    return right;
  }

  std::vector<double> true_numbers() const {
    std::vector<double> truth;
    for (size_t i = 0; i < input_.ids.size(); ++i) {
      if (!agreed_) {
        truth.push_back(true_number(*row(i), input_.labels->where()));
      } else {
        const std::vector<float>& said = agreed_->predictions[i].values;
        truth.push_back(said.empty() ? 0.0 : static_cast<double>(said.front()));
      }
    }
    return truth;
  }

  std::string label_text(size_t item) const {
    std::string text;
    if (const LabelRow* labelled = row(item)) {
      for (const std::string& label : labelled->labels) text += (text.empty() ? "" : "|") + label;
    } else if (agreed_ && !agreed_->predictions[item].error) {
      const Prediction& agreed = agreed_->predictions[item];
      text = metric_ == Metric::kMeanAbsoluteError ? std::to_string(agreed.values.front())
                                                   : std::to_string(agreed.classes.front());
    }
    return text;
  }

  std::string answer_text(const Prediction& prediction, const ScoredModel& model) const {
    if (prediction.error || prediction.classes.empty()) return {};
    if (metric_ == Metric::kMeanAbsoluteError) return std::to_string(prediction.values.front());
    const auto best = static_cast<size_t>(prediction.classes.front());
    return best < model.labels.size() ? model.labels[best] : std::to_string(best);
  }

  Outcomes outcomes_for(Metric metric, const ScoredCell& cell) const {
    if (metric == Metric::kMeanAbsoluteError) return absolute_errors(cell.predictions, truth_);
    if (is_binary(metric)) return binary_outcomes(cell.predictions, right_[cell.model], positive_);
    return top_k_outcomes(cell.predictions, right_[cell.model], metric == Metric::kTop1 ? 1 : 5);
  }

  std::vector<Metric> other_metrics() const {
    std::vector<Metric> others;
    if (is_binary(metric_)) others = {Metric::kF1, Metric::kPrecision, Metric::kRecall, Metric::kTop1};
    if (!is_binary(metric_) && metric_ != Metric::kMeanAbsoluteError) {
      others = {Metric::kTop1};
      if (input_.models[0].outputs > 5) others.push_back(Metric::kTop5);
    }
    std::erase(others, metric_);
    return others;
  }

  EvaluatedCandidate candidate_of(const ScoredCell& cell, const CalibrationSet& set) const {
    const ScoredModel& model = input_.models[cell.model];
    EvaluatedCandidate candidate;
    candidate.model = model.name;
    candidate.model_path = model.path;
    candidate.model_hash = model.hash;
    candidate.preprocessing = model.preprocessing;
    candidate.format = cell.format;
    candidate.outcomes = outcomes_for(metric_, cell);
    candidate.metrics.emplace_back(metric_, metric_interval(set, candidate.outcomes, metric_));
    for (const Metric metric : other_metrics()) {
      candidate.metrics.emplace_back(metric, metric_interval(set, outcomes_for(metric, cell), metric));
    }
    for (size_t i = 0; i < cell.predictions.size(); ++i) {
      const std::optional<ItemError>& error = cell.predictions[i].error;
      if (error)
        candidate.failed.push_back({input_.ids[i], std::string(item_error_name(error->code)), error->message});
      candidate.answers.push_back(answer_text(cell.predictions[i], model));
    }
    return candidate;
  }

  // The best on full decodes; of agreement, the model that is agreed with.
  size_t reference_of(const Evaluation& evaluation) const {
    std::optional<size_t> best;
    const auto is_better = [&](size_t a, size_t b) {
      const double x = evaluation.candidates[a].metrics.front().second.value;
      const double y = evaluation.candidates[b].metrics.front().second.value;
      return larger_is_better(metric_) ? x > y : x < y;
    };
    for (const bool only_full : {true, false}) {
      for (size_t i = 0; i < input_.cells.size(); ++i) {
        if (only_full && input_.cells[i].format != full_format()) continue;
        if (agreed_ == &input_.cells[i]) return i;
        if (!best || is_better(i, *best)) best = i;
      }
      if (best && !agreed_) break;
    }
    return *best;
  }

  ScoringInput input_;
  Metric metric_;
  const ScoredCell* agreed_ = nullptr;
  std::vector<std::vector<RightClasses>> right_;  // by model, by item
  std::vector<double> truth_;                     // mae: by item
  int32_t positive_ = 0;
};

}  // namespace

void check_scorable(ScoringInput input) { static_cast<void>(Scorer(std::move(input))); }

Evaluation score(ScoringInput input) { return Scorer(std::move(input)).run(); }

}  // namespace smol
