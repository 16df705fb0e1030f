#include "smol/engine/run_job.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "smol/base/clock.h"
#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/batch_probe.h"
#include "smol/engine/chunked_run.h"
#include "smol/engine/run_cut.h"
#include "smol/engine/run_directory.h"
#include "smol/engine/run_plan.h"
#include "smol/engine/temporary_snapshot.h"

namespace smol {
namespace {

// Fewer items than this are done before probing batch sizes would have paid.
constexpr uint64_t kItemsWorthProbing = 500;
constexpr int64_t kUnprobedBatch = 8;

std::string format_name(RowFormat format) {
  switch (format) {
    case RowFormat::kParquet: return "parquet";
    case RowFormat::kJsonl: return "jsonl";
    case RowFormat::kCsv: return "csv";
  }
  return "parquet";
}

// "photos" and "photos/" are the same inputs: shells complete the one to the other.
std::string without_last_slashes(std::string source) {
  while (source.size() > 1 && source.ends_with('/')) source.pop_back();
  return source;
}

}  // namespace

struct RunJob::Impl {
  Impl(RunRequest asked, Backend& used_backend, FileSystem& used_files)
      : request(std::move(asked)), backend(used_backend), files(used_files), started_ns(wall_ns()) {}

  void load();
  void choose_threads(EngineSettings& engine);
  std::vector<InputFormat> formats() const;
  void open_session(const std::optional<int64_t>& begun_with, uint64_t items);
  std::string settings(uint64_t inputs_fingerprint) const;

  RunRequest request;
  Backend& backend;
  FileSystem& files;
  int64_t started_ns;
  std::optional<Plan> plan;
  std::unique_ptr<Model> model;
  RowSchema schema;
  CpuBudget budget;
  int threads = 1;
  int streams = 1;
  std::string threads_reason;
  CutChoice cut_choice;
  RunCut cut;
  std::unique_ptr<Session> session;
  std::string batch_reason;
  InputCounts counts;
  std::unique_ptr<RunDirectory> directory;
  std::unique_ptr<InputList> inputs;
  std::unique_ptr<ChunkEncoder> encoder;
  std::unique_ptr<ChunkedRun> chunks;
  LiveCounters live;
  std::mutex stop_mutex;  // guards the pair below against stop() from another thread
  bool interrupted = false;
  bool chunks_ready = false;
};

RunJob::RunJob(RunRequest request, Backend& backend, FileSystem& files)
    : impl_(std::make_unique<Impl>(std::move(request), backend, files)) {
  impl_->request.inputs.limits = impl_->request.limits;
}
RunJob::~RunJob() = default;

void RunJob::Impl::load() {
  if (plan) return;
  LoadedPlan loaded = load_plan(request, backend);
  PlanStage& stage = loaded.plan.stages.front();
  const int planned = stage.formats.front().cpu_ops;
  const PreprocGraph& graph = stage.manifest.preprocessing;
  if (request.plan && !request.cpu_ops) {
    cut_choice = {planned < 0 ? graph.ops.size() : static_cast<size_t>(planned), "as the plan says"};
  } else {
    cut_choice = choose_cut(request.cpu_ops, graph, backend);
  }
  const bool all_on_cpu = cut_choice.cpu_ops == graph.ops.size();
  for (PlanFormat& format : stage.formats) format.cpu_ops = all_on_cpu ? -1 : static_cast<int>(cut_choice.cpu_ops);
  schema = std::move(loaded.schema);
  schema.plan_id = plan_id(loaded.plan);
  choose_threads(loaded.plan.engine);
  model = std::move(loaded.model);
  plan = std::move(loaded.plan);
}

std::vector<InputFormat> RunJob::Impl::formats() const {
  std::vector<InputFormat> formats;
  for (const PlanFormat& format : plan->stages.front().formats) formats.push_back(format.format);
  return formats;
}

// A flag, else the plan, else the machine.
void RunJob::Impl::choose_threads(EngineSettings& engine) {
  budget = cpu_budget();
  if (request.threads > 0) {
    threads = streams = request.threads;
    threads_reason = "as given";
  } else {
    threads = engine.threads > 0 ? engine.threads : budget.cores;
    streams = engine.streams > 0 ? engine.streams : threads;
    threads_reason = engine.threads > 0 ? "as the plan says" : budget.reason;
  }
  engine.threads = threads;
  engine.streams = streams;
}

const Plan& RunJob::plan() {
  impl_->load();
  return *impl_->plan;
}

InputCounts RunJob::count_inputs() {
  impl_->load();  // finds the dataset
  const TemporarySnapshot snapshot;
  return snapshot_inputs(impl_->request.inputs, impl_->files, snapshot.path());
}

void RunJob::Impl::open_session(const std::optional<int64_t>& begun_with, uint64_t items) {
  SessionOptions options;
  options.streams = streams;
  options.slot = cut.graph.slot;
  options.suffix = cut.graph.suffix;
  const int64_t batch = request.batch > 0 ? request.batch : begun_with.value_or(plan->engine.batch);
  if (batch > 0) {
    batch_reason = request.batch > 0 ? "as given" : begun_with ? "as the run began" : "as the plan says";
    options.batch_size = batch;
  } else if (items < kItemsWorthProbing) {
    batch_reason = "too few items to probe";
    options.batch_size = kUnprobedBatch;
  } else {
    ProbedSession probed = probe_batch_size(*model, options);
    session = std::move(probed.session);
    batch_reason = std::move(probed.reason);
    return;
  }
  session = model->compile(options);
}

std::string RunJob::Impl::settings(uint64_t inputs_fingerprint) const {
  nlohmann::ordered_json json;
  json["model_hash"] = plan->stages.front().model_hash;
  json["plan_id"] = schema.plan_id;
  json["inputs"] = without_last_slashes(request.inputs.source);
  if (request.inputs.dataset) {
    // Pairs and not an object: the order counts.
    for (const Rendition& rendition : request.inputs.dataset->renditions) {
      json["renditions"].push_back({rendition.name, rendition.pattern()});
    }
  }
  json["include"] = request.inputs.include;
  json["exclude"] = request.inputs.exclude;
  json["limit"] = request.inputs.limit;
  json["sample"] = request.inputs.sample;
  json["seed"] = request.inputs.seed;
  json["regions"] = request.inputs.regions.string();
  json["frames"] = to_string(request.inputs.frames);
  json["format"] = format_name(request.format);
  uint64_t labels_hash = 0;
  for (const std::string& label : schema.labels) labels_hash = hash64(label, labels_hash + 1);
  json["labels_hash"] = hex16(labels_hash);
  json["chunk_items"] = request.chunk_items;
  json["max_pixels"] = request.limits.max_pixels;
  json["max_file_bytes"] = request.limits.max_file_bytes;
  json["max_scans"] = request.limits.max_scans;
  json["max_frames"] = request.limits.max_frames;
  json["batch"] = session->batch_size();  // another batch size may round differently in the last bit
  json["inputs_fingerprint"] = hex16(inputs_fingerprint);
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void RunJob::prepare() {
  Impl& impl = *impl_;
  impl.load();
  impl.directory = std::make_unique<RunDirectory>(impl.request.out, impl.request.overwrite, impl.files);
  std::optional<int64_t> begun_with;
  if (impl.directory->has_run()) {
    const auto begun = nlohmann::json::parse(impl.directory->settings(), nullptr, false);
    if (begun.is_object() && begun.contains("batch") && begun["batch"].is_number_integer())
      begun_with = begun["batch"];
  } else {
    impl.counts = snapshot_inputs(impl.request.inputs, impl.files, impl.directory->inputs_path());
    if (impl.counts.items == 0 && impl.counts.without_region > 0) {
      throw Error(ErrorCode::kUsage, "--regions: none of the " + std::to_string(impl.counts.without_region) +
                                         " pictures has a region; ids must be paths relative to the folder, or as "
                                         "listed: " +
                                         impl.request.inputs.regions.string());
    }
    if (impl.counts.items == 0) {
      throw Error(ErrorCode::kUsage, "no images found (" + std::to_string(impl.counts.skipped) +
                                         " other files skipped) in: " + impl.request.inputs.source);
    }
  }
  impl.inputs = std::make_unique<InputList>(impl.directory->inputs_path());
  impl.cut = cut_for_inputs(impl.plan->stages.front().manifest.preprocessing, impl.cut_choice.cpu_ops, *impl.inputs,
                            impl.formats(), impl.request.limits);
  impl.open_session(begun_with, impl.inputs->size());
  impl.directory->begin(impl.settings(impl.inputs->fingerprint()));
  impl.plan->engine.batch = impl.session->batch_size();
  impl.directory->write_plan(to_json(*impl.plan));
  impl.schema.frames = impl.inputs->frames() > 0;
  impl.encoder = make_chunk_encoder(impl.request.format, impl.schema);
  // Enough open chunks for all rows that can be under way, so that short chunks do not hold the pipeline up.
  const auto under_way =
      static_cast<uint64_t>(slots_needed(*impl.session, impl.threads) * impl.session->batch_size());
  const auto open_chunks = static_cast<int>(std::max<uint64_t>(3, under_way / impl.request.chunk_items + 2));
  impl.chunks = std::make_unique<ChunkedRun>(*impl.inputs, *impl.directory, *impl.encoder, impl.request.chunk_items,
                                             open_chunks);
  const std::lock_guard lock(impl.stop_mutex);
  impl.chunks_ready = true;
  if (impl.interrupted) impl.chunks->stop();
}

uint64_t RunJob::total_items() const { return impl_->inputs->size(); }
uint64_t RunJob::items_already_committed() const { return impl_->chunks->items_already_committed(); }
const std::string& RunJob::batch_reason() const { return impl_->batch_reason; }
const std::string& RunJob::cut_reason() const { return impl_->cut_choice.reason; }
const LiveCounters& RunJob::live() const { return impl_->live; }

RunReport RunJob::execute() {
  Impl& impl = *impl_;
  PipelineSettings settings;
  settings.graph = impl.cut.graph.prefix;
  settings.uniform_input = impl.cut.uniform_input;
  settings.formats = impl.formats();
  settings.spec = settings.formats.front().decode;
  settings.limits = impl.request.limits;
  settings.producers = impl.threads;
  settings.output = impl.request.output;
  settings.topk = impl.schema.topk;
  settings.softmax = impl.request.softmax;
  RunReport report;
  report.startup_seconds = static_cast<double>(wall_ns() - impl.started_ns) * 1e-9;
  const PipelineResult result = run_pipeline(settings, *impl.session, *impl.chunks, *impl.chunks, impl.live);

  report.plan_id = impl.schema.plan_id;
  report.output = impl.directory->path().string();
  report.backend = impl.backend.name() + " " + impl.backend.version();
  report.cut = to_text(impl.cut.graph);
  report.cut_reason = impl.cut_choice.reason;
  report.threads_reason = impl.threads_reason;
  report.batch_reason = impl.batch_reason;
  report.cores = impl.budget.cores;
  report.producers = impl.threads;
  report.streams = impl.streams;
  report.batch = impl.session->batch_size();
  report.slots = result.slots;
  report.slot_bytes = result.slot_bytes;
  {
    const std::lock_guard lock(impl.stop_mutex);
    report.interrupted = impl.interrupted;
  }
  report.skipped = impl.counts.skipped;
  report.unreadable_folders = impl.counts.unreadable_folders;
  report.items_now = impl.live.items;
  const PlanningResult planning = impl.plan->planning.value_or(PlanningResult{});
  const Assessment* chosen = find_candidate(planning, planning.chosen);
  if (chosen != nullptr && report.items_now > 0) {
    const double cores = impl.threads == chosen->candidate.threads ? 0 : impl.threads;  // 0: as planned
    report.quote = quote(planning, planning.prices, static_cast<double>(report.items_now), cores);
  }
  report.wall_seconds = result.wall_seconds;
  report.cpu_seconds = result.cpu_seconds;
  report.preprocessing = result.preprocessing;
  report.batches = result.batches;
  report.padded_rows = result.padded_rows;
  report.times = result.times;
  for (const auto& [number, chunk] : impl.directory->committed()) {
    report.items += chunk.rows;
    report.failed += chunk.failed;
    for (const auto& [code, count] : chunk.failed_by_code) report.failed_by_code[code] += count;
  }
  impl.directory->write_report(to_json(report));
  return report;
}

void RunJob::stop() {
  const std::lock_guard lock(impl_->stop_mutex);
  impl_->interrupted = true;
  if (impl_->chunks_ready) impl_->chunks->stop();
}

}  // namespace smol
