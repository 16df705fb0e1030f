#include "smol/measure/plan_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "smol/base/error.h"
#include "smol/measure/planning_examples.h"
#include "smol/measure/profile_lookup.h"
#include "smol/preproc/cut.h"

namespace smol {
namespace {

constexpr double kMargin = 0.1;  // of the estimates
constexpr size_t kMeasuredAtOnce = 4;
constexpr size_t kMostMeasured = 24;

const SurveyedRendition* find_rendition(const InputSurvey& survey, const std::string& name) {
  for (const SurveyedRendition& rendition : survey.renditions) {
    if (rendition.name == name) return &rendition;
  }
  return nullptr;
}

class Planning {
 public:
  Planning(Profile& profile, const PlanJobInputs& inputs, const PlanJobRequest& request)
      : profile_(profile), inputs_(inputs), request_(request) {
    problem_.calibration = inputs.evaluation.set;
    problem_.capacities = profile.capacities;
    problem_.capacities.cores = profile.machine.cores;
    problem_.capacities.devices = inputs.backend.has_own_device() ? 1 : 0;
    problem_.prices = request.prices;
    problem_.constraint = request.constraint;
    problem_.also = request.also;
  }

  PlanJobOutcome run() {
    for (size_t model = 0; model < inputs_.models.size(); ++model) {
      for (const InputFormat& format : inputs_.formats) add_pair(model, format);
    }
    if (problem_.candidates.empty()) {
      throw Error(
          ErrorCode::kUsage,
          "the evaluation knows none of these models, with their preprocessing, on any of these input formats: run "
          "`smol eval` with them");
    }
    if (problem_.full_outcomes.empty()) {
      throw Error(ErrorCode::kUsage,
                  "no model was evaluated on the full pictures, so that nothing says what is lost: add --format " +
                      largest_rendition(inputs_.survey).name);
    }
    PlanJobOutcome outcome;
    outcome.result = plan(problem_);
    for (size_t measured = 0; measured < kMostMeasured;) {
      const std::vector<std::string> wanted = to_measure(outcome.result);
      if (wanted.empty()) break;
      for (const std::string& id : wanted) measured += measure(id, outcome);
      outcome.result = plan(problem_);
    }
    outcome.result.made_at = request_.made_at;
    outcome.result.machine = profile_.machine;
    outcome.result.examples = planning_examples(outcome.result, inputs_.evaluation, inputs_.models);
    return outcome;
  }

 private:
  void add_pair(size_t model, const InputFormat& format) {
    const LoadedModel& loaded = inputs_.models[model];
    const SurveyedRendition* rendition = find_rendition(inputs_.survey, format.rendition);
    const EvaluatedCandidate* evaluated =
        inputs_.evaluation.find(loaded.hash, to_text(loaded.manifest.preprocessing), format);
    if (rendition == nullptr || evaluated == nullptr) return;
    const size_t before = problem_.candidates.size();
    const size_t outcomes = problem_.outcomes.size();
    for (const size_t cpu_ops : cuts_for_any_size(loaded.manifest.preprocessing)) {
      const CutGraph cut = cut_graph(loaded.manifest.preprocessing, cpu_ops);
      const PrefixDemand* prefix = find_prefix(profile_, format, cut.prefix, rendition->sizes);
      if (prefix == nullptr) continue;
      for (const ExecDemand& execution : profile_.executions) {
        if (execution.model_hash != loaded.hash || execution.backend != inputs_.backend.name() ||
            execution.suffix != cut.suffix || execution.slot != cut.slot || execution.streams != inputs_.threads) {
          continue;
        }
        add_candidate(model, format, cut, *prefix, execution, outcomes);
      }
    }
    if (problem_.candidates.size() == before) return;
    problem_.outcomes.push_back(evaluated->outcomes);
    if (is_exact(format.decode) && format.rendition == largest_rendition(inputs_.survey).name) {
      problem_.full_outcomes.push_back(outcomes);
    }
  }

  void add_candidate(size_t model, const InputFormat& format, const CutGraph& cut, const PrefixDemand& prefix,
                     const ExecDemand& execution, size_t outcomes) {
    const LoadedModel& loaded = inputs_.models[model];
    Candidate candidate;
    candidate.id = "c" + std::to_string(problem_.candidates.size());
    candidate.backend = execution.backend;
    candidate.threads = inputs_.threads;
    candidate.streams = execution.streams;
    candidate.batch = execution.batch;
    candidate.outcomes = outcomes;
    CandidateStage& stage = candidate.stages.emplace_back();
    stage.model = model;
    stage.name = loaded.manifest.name;
    stage.format = format;
    const bool all_on_cpu = cut.prefix.ops.size() == loaded.manifest.preprocessing.ops.size();
    stage.cpu_ops = all_on_cpu ? -1 : static_cast<int>(cut.prefix.ops.size());
    stage.cut = to_text(cut);
    stage.demand.read_s = prefix.read_s;
    stage.demand.decode_s = prefix.decode_s;
    stage.demand.preprocess_s = prefix.preprocess_s;
    stage.demand.bytes_read = prefix.bytes_read;
    stage.demand.infer_core_s = execution.core_s;
    stage.demand.infer_device_s = execution.device_s;
    stage.demand.bytes_copied = execution.bytes_copied;
    stage.demand.contention = execution.contention;
    SinkDemand sink;
    sink.format = "parquet";
    const int64_t elements = loaded.model->output_elements();
    sink.output =
        sink_output_text(RowOutput::kTopK, static_cast<int>(std::min<int64_t>(request_.topk, elements)), elements);
    if (const SinkDemand* known = find_sink(profile_, sink)) stage.demand.sink_s = known->core_s;
    if (const PipelineMeasurement* known = find_pipeline(profile_, run_of(candidate)))
      candidate.measured_items_per_s = known->items_per_s;
    problem_.candidates.push_back(std::move(candidate));
  }

  // With --pareto the whole front is measured, not only what is near the choice.
  std::vector<std::string> to_measure(const PlanningResult& result) const {
    std::vector<std::string> ids = candidates_to_measure(result, kMargin, kMeasuredAtOnce);
    if (!ids.empty() || request_.constraint.kind != ConstraintKind::kPareto) return ids;
    for (const Assessment& assessment : result.candidates) {
      if (assessment.pareto && !assessment.candidate.measured_items_per_s) ids.push_back(assessment.candidate.id);
    }
    return ids;
  }

  PipelineMeasurement run_of(const Candidate& candidate) const {
    const CandidateStage& stage = candidate.stages.front();
    const LoadedModel& model = inputs_.models[stage.model];
    const PreprocGraph& graph = model.manifest.preprocessing;
    PipelineMeasurement run;
    run.model_hash = model.hash;
    run.format = stage.format;
    run.prefix = cut_graph(graph, stage.cpu_ops < 0 ? graph.ops.size() : static_cast<size_t>(stage.cpu_ops)).prefix;
    run.backend = candidate.backend;
    run.threads = candidate.threads;
    run.streams = candidate.streams;
    run.batch = candidate.batch;
    run.inputs = find_rendition(inputs_.survey, stage.format.rendition)->sizes;
    return run;
  }

  size_t measure(const std::string& id, PlanJobOutcome& outcome) {
    const auto candidate = std::find_if(problem_.candidates.begin(), problem_.candidates.end(),
                                        [&](const Candidate& one) { return one.id == id; });
    const CandidateStage& stage = candidate->stages.front();
    request_.progress({fmt::format("{} on {}, end to end", stage.name, to_string(stage.format)),
                       static_cast<double>(outcome.measured) / kMostMeasured});
    PipelineMeasurement run = run_of(*candidate);
    measure_end_to_end(run, inputs_.models[stage.model], *find_rendition(inputs_.survey, stage.format.rendition),
                       request_.shortlist);
    candidate->measured_items_per_s = run.items_per_s;
    profile_.pipelines.push_back(std::move(run));
    ++outcome.measured;
    return 1;
  }

  Profile& profile_;
  const PlanJobInputs& inputs_;
  const PlanJobRequest& request_;
  PlanningProblem problem_;
};

}  // namespace

PlanJobOutcome make_plan(Profile& profile, const PlanJobInputs& inputs, const PlanJobRequest& request) {
  return Planning(profile, inputs, request).run();
}

Plan plan_of(const PlanningResult& result, const Assessment& chosen, const PlanJobInputs& inputs,
             const PlanJobRequest& request) {
  const Candidate& candidate = chosen.candidate;
  const CandidateStage& stage = candidate.stages.front();
  const LoadedModel& model = inputs.models[stage.model];
  Plan made;
  PlanStage& only = made.stages.emplace_back();
  only.model = model.path;
  only.model_hash = model.hash;
  only.manifest = model.manifest;
  only.formats.push_back({stage.format, stage.cpu_ops});
  // Items that lack the chosen rendition are read as the reference reads them.
  const std::string& largest = largest_rendition(inputs.survey).name;
  if (largest != stage.format.rendition) only.formats.push_back({{largest, {}}, stage.cpu_ops});
  made.output = request.output;
  made.topk = static_cast<int>(std::min<int64_t>(request.topk, model.model->output_elements()));
  made.engine = {candidate.backend, candidate.threads, candidate.streams, candidate.batch};
  made.planning = result;
  return made;
}

}  // namespace smol
