#include "smol/measure/shortlist.h"

#include <algorithm>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/measure/item_sample.h"
#include "smol/measure/pipeline_rate.h"
#include "smol/measure/settling.h"
#include "smol/preproc/cut.h"

namespace smol {
namespace {

constexpr uint64_t kMostItems = 512;

// Cores that other programs may take before a run says more of them than of the plan.
constexpr double kQuiet = 0.1;

struct Costs {  // of runs, an item
  std::vector<double> core_s;
  std::vector<double> item_s;
};

std::vector<ItemRun> some_runs(const SurveyedRendition& rendition) {
  std::vector<ItemRun> runs = rendition.runs;
  while (runs.size() > 1 && count_items(runs) > kMostItems) runs.pop_back();
  return runs;
}

}  // namespace

void measure_end_to_end(PipelineMeasurement& measurement, const LoadedModel& model,
                        const SurveyedRendition& rendition, const ShortlistSettings& settings) {
  const CutGraph cut = cut_graph(model.manifest.preprocessing, measurement.prefix.ops.size());
  SessionOptions options;
  options.batch_size = measurement.batch;
  options.streams = measurement.streams;
  options.slot = cut.slot;
  options.suffix = cut.suffix;
  const std::unique_ptr<Session> session = model.model->compile(options);
  PipelineRun run;
  run.settings.graph = cut.prefix;
  run.settings.spec = measurement.format.decode;
  run.settings.limits = settings.limits;
  run.settings.producers = measurement.threads;
  run.settings.topk = static_cast<int>(std::min<int64_t>(settings.topk, session->output_elements()));
  run.schema.topk = run.settings.topk;
  run.schema.output_elements = session->output_elements();
  run.seconds = settings.run_s;
  run.warm_up_s = settings.run_s / 4;
  const std::vector<ItemRun> runs = some_runs(rendition);
  const int64_t start = wall_ns();
  const auto is_over = [&] { return static_cast<double>(wall_ns() - start) * 1e-9 >= settings.budget_s; };
  Costs quiet;
  Costs disturbed;
  while (!settled(quiet.item_s) && (quiet.item_s.size() + disturbed.item_s.size() < kLeastRuns || !is_over())) {
    const PipelineRate rate = measure_pipeline(run, *session, runs);
    if (rate.failed == rate.items) {
      throw Error(ErrorCode::kFailed, "all sampled items fail on the input format " + to_string(measurement.format));
    }
    Costs& costs = rate.others_busy <= kQuiet ? quiet : disturbed;
    costs.core_s.push_back(rate.core_s_per_item);
    costs.item_s.push_back(1 / rate.items_per_s);
  }
  const Costs& counted = quiet.item_s.empty() ? disturbed : quiet;
  measurement.core_s = spread_of(counted.core_s);
  measurement.items_per_s = 1 / *std::min_element(counted.item_s.begin(), counted.item_s.end());
}

const PipelineMeasurement* find_pipeline(const Profile& profile, const PipelineMeasurement& like) {
  for (const PipelineMeasurement& known : profile.pipelines) {
    if (known.model_hash == like.model_hash && known.format == like.format && known.prefix == like.prefix &&
        known.backend == like.backend && known.threads == like.threads && known.streams == like.streams &&
        known.batch == like.batch && known.inputs == like.inputs) {
      return &known;
    }
  }
  return nullptr;
}

}  // namespace smol
