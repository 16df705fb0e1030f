#include "smol/measure/profile_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/measure/contention.h"
#include "smol/measure/execution_rate.h"
#include "smol/measure/item_sample.h"
#include "smol/measure/machine_load.h"
#include "smol/measure/prefix_rate.h"
#include "smol/measure/profile_lookup.h"
#include "smol/measure/settling.h"
#include "smol/measure/sink_cost.h"
#include "smol/preproc/cut.h"

namespace smol {
namespace {

constexpr double kRunSeconds = 0.5;  // of one run, where the budget allows
constexpr int64_t kFirstBatch = 8;   // batch_probe.h has the same candidates
constexpr int64_t kOtherBatches[] = {1, 32};
constexpr double kBatchMatters_s = 0.004;  // of a core: batch size hardly changes slower models
constexpr size_t kLeastItems = 24;         // a pass over fewer would say little about the others

struct PrefixTask {
  PrefixDemand demand;
  std::string what;
  const std::vector<ItemRun>* runs = nullptr;
  PipelineSettings settings;
  std::vector<double> figures;
  uint64_t passes = 1;
  bool warm = false;
};

struct ExecTask {
  const LoadedModel* model = nullptr;
  CutGraph cut;
  ExecDemand demand;
  std::string what;
};

class Budget {
 public:
  Budget(double seconds, std::function<void(const ProfileProgress&)> progress)
      : seconds_(seconds), progress_(std::move(progress)), start_ns_(wall_ns()) {}
  double elapsed_s() const { return static_cast<double>(wall_ns() - start_ns_) * 1e-9; }
  bool is_over() const { return elapsed_s() >= seconds_; }
  double left_s() const { return std::max(0.0, seconds_ - elapsed_s()); }
  void say(const std::string& what) const { progress_({what, std::min(1.0, elapsed_s() / std::max(0.1, seconds_))}); }

 private:
  const double seconds_;
  const std::function<void(const ProfileProgress&)> progress_;
  const int64_t start_ns_;
};

std::vector<ItemRun> first_items(const std::vector<ItemRun>& runs, size_t items) {
  std::vector<ItemRun> first;
  for (const ItemRun& run : runs) {
    if (count_items(first) >= items) break;
    first.push_back(run);
  }
  return first;
}

class Measuring {
 public:
  Measuring(const Profile& known, const InputSurvey& survey, const std::vector<LoadedModel>& models,
            const Backend& backend, const ProfileRequest& request)
      : survey_(survey),
        models_(models),
        backend_(backend),
        request_(request),
        budget_(request.budget_s, request.progress) {
    outcome_.profile = known;
    on_device_ = backend.has_own_device();
  }

  ProfileOutcome run() {
    const MachineLoad before = machine_load();
    list_tasks();
    for (size_t i = 0; i < executions_.size(); ++i) measure(executions_[i]);  // each may add others
    measure_sinks();
    measure_prefixes();
    measure_contentions();
    outcome_.others_busy = others_busy_cores(before, machine_load());
    return std::move(outcome_);
  }

 private:
  const SurveyedRendition* rendition_of(const InputFormat& format) const {
    for (const SurveyedRendition& rendition : survey_.renditions) {
      if (rendition.name == format.rendition) return &rendition;
    }
    return nullptr;
  }

  void list_tasks() {
    for (const LoadedModel& model : models_) {
      for (const size_t cpu_ops : cuts_for_any_size(model.manifest.preprocessing)) {
        const CutGraph cut = cut_graph(model.manifest.preprocessing, cpu_ops);
        for (const InputFormat& format : request_.formats) list_prefix(model, cut, format);
        add_execution(model, cut, kFirstBatch);
      }
    }
  }

  void list_prefix(const LoadedModel& model, const CutGraph& cut, const InputFormat& format) {
    const SurveyedRendition* rendition = rendition_of(format);
    if (rendition == nullptr) {
      throw Error(ErrorCode::kUsage, "--format: no such rendition is in use: " + to_string(format));
    }
    if (find_prefix(outcome_.profile, format, cut.prefix, rendition->sizes) != nullptr) {
      ++outcome_.known;
      return;
    }
    for (const PrefixTask& task : prefixes_) {
      if (task.demand.format == format && task.demand.prefix == cut.prefix) return;  // another model has the same
    }
    PrefixTask task;
    task.demand.format = format;
    task.demand.prefix = cut.prefix;
    task.demand.bytes_read = rendition->sizes.mean_bytes;
    task.demand.inputs = rendition->sizes;
    task.what = to_string(format) + " for " + model.manifest.name;
    task.runs = &rendition->runs;
    task.settings.graph = cut.prefix;
    task.settings.spec = format.decode;
    task.settings.limits = request_.limits;
    task.settings.producers = request_.threads;
    prefixes_.push_back(std::move(task));
  }

  void add_execution(const LoadedModel& model, const CutGraph& cut, int64_t batch) {
    ExecTask task;
    task.model = &model;
    task.cut = cut;
    task.demand.model_hash = model.hash;
    task.demand.backend = backend_.name();
    task.demand.suffix = cut.suffix;
    task.demand.slot = cut.slot;
    task.demand.batch = batch;
    task.demand.streams = request_.threads;
    task.what = fmt::format("{}, batch {}, {}", model.manifest.name, batch,
                            cut.suffix.ops.empty() ? "all preprocessing on the CPU" : to_text(cut));
    const ExecDemand* known = find_execution(outcome_.profile, task.demand);
    if (known != nullptr) {
      ++outcome_.known;
      add_other_batches(model, cut, *known);
      return;
    }
    executions_.push_back(std::move(task));
  }

  void add_other_batches(const LoadedModel& model, const CutGraph& cut, const ExecDemand& measured) {
    if (measured.batch != kFirstBatch || std::max(measured.core_s, measured.device_s) >= kBatchMatters_s) return;
    for (const int64_t batch : kOtherBatches) add_execution(model, cut, batch);
  }

  static std::unique_ptr<Session> compile(const ExecTask& task) {
    SessionOptions options;
    options.batch_size = task.demand.batch;
    options.streams = task.demand.streams;
    options.slot = task.cut.slot;
    options.suffix = task.cut.suffix;
    return task.model->model->compile(options);
  }

  void measure(ExecTask task) {
    budget_.say(task.what);
    const std::unique_ptr<Session> session = compile(task);
    std::vector<double> figures;
    double best = 0;
    while (!settled(figures) && (figures.size() < kLeastRuns || !budget_.is_over())) {
      const ExecutionRate rate = measure_execution(*session, task.cut.slot, request_.threads, run_seconds());
      const double figure = on_device_ ? 1 / rate.items_per_s : rate.core_s_per_item;
      if (figures.empty() || figure < best) {
        best = figure;
        task.demand.core_s = rate.core_s_per_item;
        task.demand.device_s = on_device_ ? figure : 0;
      }
      figures.push_back(figure);
    }
    task.demand.bytes_copied = on_device_ ? static_cast<double>(task.cut.slot.item_bytes()) : 0;
    task.demand.spread = spread_of(figures);
    count(figures);
    outcome_.profile.executions.push_back(task.demand);
    add_other_batches(*task.model, task.cut, task.demand);
    measured_executions_.emplace(outcome_.profile.executions.size() - 1, std::move(task));
  }

  void measure_sinks() {
    for (const LoadedModel& model : models_) {
      for (const RowFormat format : {RowFormat::kParquet, RowFormat::kJsonl, RowFormat::kCsv}) {
        SinkCase sink;
        sink.format = format;
        sink.schema.output = request_.output;
        sink.schema.output_elements = model.model->output_elements();
        sink.schema.topk = static_cast<int>(std::min<int64_t>(request_.topk, sink.schema.output_elements));
        SinkDemand demand;
        demand.format = name(format);
        demand.output = sink_output_text(request_.output, sink.schema.topk, sink.schema.output_elements);
        if (find_sink(outcome_.profile, demand) != nullptr) {
          ++outcome_.known;
          continue;
        }
        budget_.say("rows as " + demand.format);
        std::vector<double> figures;
        while (!settled(figures)) figures.push_back(measure_sink(sink));
        demand.spread = spread_of(figures);
        demand.core_s = demand.spread.best;
        count(figures);
        outcome_.profile.sinks.push_back(demand);
      }
    }
  }

  // The same items for all formats, as many as the dearest one can do in one run.
  void choose_items() {
    size_t items = SIZE_MAX;
    for (PrefixTask& task : prefixes_) {
      budget_.say(task.what);
      const std::vector<ItemRun> few = first_items(*task.runs, kLeastItems);
      const PrefixRate rate = measure_prefix(task.settings, kFirstBatch, few);
      if (rate.failed * 2 > rate.items) {
        outcome_.notes.push_back(fmt::format("{} is left out: {} of {} sampled items fail",
                                             to_string(task.demand.format), rate.failed, rate.items));
        task.runs = nullptr;
        continue;
      }
      const double affordable = run_seconds() * request_.threads / rate.core_s_per_item;
      items = std::min(items, std::max(kLeastItems, static_cast<size_t>(affordable)));
      task.demand.core_s.best = rate.core_s_per_item;  // for now: to know how many passes a run takes
    }
    std::erase_if(prefixes_, [](const PrefixTask& task) { return task.runs == nullptr; });
    for (const SurveyedRendition& rendition : survey_.renditions) {
      samples_[rendition.name] = first_items(rendition.runs, items);
    }
    for (PrefixTask& task : prefixes_) {
      task.runs = &samples_.at(task.demand.format.rendition);
      const double pass_s = task.demand.core_s.best * static_cast<double>(count_items(*task.runs)) / request_.threads;
      task.passes = std::max<uint64_t>(1, static_cast<uint64_t>(run_seconds() / pass_s));
    }
  }

  void measure_prefixes() {
    if (prefixes_.empty()) return;
    choose_items();
    for (size_t round = 0; round < kMostRuns; ++round) {
      for (PrefixTask& task : prefixes_) {
        if (settled(task.figures) || (round >= kLeastRuns && budget_.is_over())) continue;
        measure(task);
      }
    }
    for (PrefixTask& task : prefixes_) {
      task.demand.core_s = spread_of(task.figures);
      count(task.figures);
      outcome_.profile.prefixes.push_back(task.demand);
    }
  }

  void measure(PrefixTask& task) {
    budget_.say(task.what);
    const PrefixRate rate = measure_prefix(task.settings, kFirstBatch, *task.runs, task.passes);
    if (task.figures.empty() || rate.core_s_per_item < *std::min_element(task.figures.begin(), task.figures.end())) {
      task.demand.read_s = rate.read_s;
      task.demand.decode_s = rate.decode_s;
      // Handing items, slots and rows on is no stage of its own.
      task.demand.preprocess_s = rate.core_s_per_item - rate.read_s - rate.decode_s;
    }
    task.figures.push_back(rate.core_s_per_item);
  }

  // Of the DNNs that were measured now, each beside the cheapest way to read the items.
  void measure_contentions() {
    if (on_device_) return;
    for (const auto& [index, task] : measured_executions_) {
      const PrefixDemand* prefix = cheapest_prefix(task.cut.prefix);
      const SurveyedRendition* rendition = prefix != nullptr ? rendition_of(prefix->format) : nullptr;
      if (rendition == nullptr) continue;
      budget_.say(task.what + ", beside decoding");
      ExecDemand& demand = outcome_.profile.executions[index];
      SinkDemand sink;
      sink.format = name(RowFormat::kParquet);
      const int64_t elements = task.model->model->output_elements();
      PipelineRun run;
      run.schema.output_elements = elements;
      run.schema.topk = run.settings.topk = static_cast<int>(std::min<int64_t>(request_.topk, elements));
      sink.output = sink_output_text(RowOutput::kTopK, run.schema.topk, elements);
      const SinkDemand* known_sink = find_sink(outcome_.profile, sink);
      run.settings.graph = task.cut.prefix;
      run.settings.spec = prefix->format.decode;
      run.settings.limits = request_.limits;
      run.settings.producers = request_.threads;
      run.seconds = run_seconds();
      run.warm_up_s = run_seconds() / 4;
      const std::unique_ptr<Session> session = compile(task);
      StageCost alone;
      alone.preprocessing.cpu_core_s = prefix->core_s.best;
      alone.execution.cpu_core_s = demand.core_s;
      alone.sink.cpu_core_s = known_sink != nullptr ? known_sink->core_s : 0;
      demand.contention = 1;
      for (size_t i = 0; i < kLeastRuns; ++i) {  // what disturbs a run only adds to it
        const PipelineRate rate = measure_pipeline(run, *session, samples_of(*rendition));
        demand.contention = std::min(demand.contention, contention(rate, alone));
      }
    }
  }

  const PrefixDemand* cheapest_prefix(const PreprocGraph& graph) const {
    const PrefixDemand* cheapest = nullptr;
    for (const InputFormat& format : request_.formats) {
      const SurveyedRendition* rendition = rendition_of(format);
      if (rendition == nullptr) continue;
      const PrefixDemand* prefix = find_prefix(outcome_.profile, format, graph, rendition->sizes);
      if (prefix != nullptr && (cheapest == nullptr || prefix->core_s.best < cheapest->core_s.best))
        cheapest = prefix;
    }
    return cheapest;
  }

  // As many items as the prefixes were measured on, if they were measured now.
  const std::vector<ItemRun>& samples_of(const SurveyedRendition& rendition) const {
    const auto sample = samples_.find(rendition.name);
    return sample != samples_.end() ? sample->second : rendition.runs;
  }

  // Shorter runs where the budget is small for the number of things to measure.
  double run_seconds() const {
    const auto tasks = static_cast<double>(prefixes_.size() + 2 * executions_.size());
    return std::clamp(request_.budget_s / (tasks + 1) / (kLeastRuns + 1), 0.02, kRunSeconds);
  }

  void count(const std::vector<double>& figures) {
    ++outcome_.measured;
    if (!best_agree(figures)) ++outcome_.unsettled;
  }

  const InputSurvey& survey_;
  const std::vector<LoadedModel>& models_;
  const Backend& backend_;
  const ProfileRequest& request_;
  const Budget budget_;
  bool on_device_ = false;
  std::vector<PrefixTask> prefixes_;
  std::deque<ExecTask> executions_;                 // grows while it is worked through
  std::map<size_t, ExecTask> measured_executions_;  // by their index in the profile
  std::map<std::string, std::vector<ItemRun>> samples_;
  ProfileOutcome outcome_;
};

}  // namespace

ProfileOutcome measure_profile(const Profile& known, const InputSurvey& survey,
                               const std::vector<LoadedModel>& models, const Backend& backend,
                               const ProfileRequest& request) {
  return Measuring(known, survey, models, backend, request).run();
}

}  // namespace smol
