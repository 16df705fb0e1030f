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
#include "smol/engine/temporary_snapshot.h"

namespace smol {
namespace {

// Fewer items than this are done before probing batch sizes would have paid.
constexpr uint64_t kItemsWorthProbing = 500;
constexpr int64_t kUnprobedBatch = 8;

std::string output_name(RowOutput output) {
  switch (output) {
    case RowOutput::kTopK: return "topk";
    case RowOutput::kLogits: return "logits";
    case RowOutput::kEmbedding: return "embedding";
  }
  return "topk";
}

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

std::string size_text(const InputSpec& spec) {
  return std::string(name(spec.dtype)) + " " + std::string(name(spec.layout)) + " " + std::to_string(spec.height) +
         "x" + std::to_string(spec.width);
}

}  // namespace

struct RunJob::Impl {
  Impl(RunRequest asked, Backend& used_backend, FileSystem& used_files)
      : request(std::move(asked)), backend(used_backend), files(used_files), started_ns(wall_ns()) {}

  std::optional<Manifest> declared_manifest() const;
  void load();
  void take_given_plan();
  std::string load_dataset();
  Plan plan_of_flags(const std::string& renditions) const;
  void check_against_model(const Plan& made) const;
  void load_labels(const std::filesystem::path& of_manifest);
  void choose_threads(EngineSettings& engine);
  void choose_cut(PlanStage& stage);
  void make_cut();
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
  size_t cpu_ops = 0;
  std::string cut_reason;
  std::optional<Size> uniform_input;
  CutGraph cut;
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

// From the command line or a file; nothing if a preset was asked for, which needs the model's size.
std::optional<Manifest> RunJob::Impl::declared_manifest() const {
  if (!request.preset.empty()) return std::nullopt;
  if (!request.preprocessing.empty()) {
    Manifest manifest =
        parse_manifest(R"({"smol_manifest": 1, "preprocessing": )" + request.preprocessing + "}", "--preprocessing");
    manifest.name = request.model.stem().string();
    return manifest;
  }
  const std::filesystem::path path = request.manifest.empty() ? manifest_path(request.model) : request.manifest;
  if (request.manifest.empty() && !std::filesystem::exists(path)) {
    throw Error(ErrorCode::kUsage,
                "the model has no manifest that says how to preprocess its inputs: add " + path.filename().string() +
                    " beside it, or give --preset imagenet|tf|raw or --preprocessing: " + request.model.string());
  }
  return read_manifest(path);
}

// What the dataset says holds unless a flag says otherwise. Returns the renditions in use: "thumb161,full".
std::string RunJob::Impl::load_dataset() {
  std::optional<Dataset>& dataset = request.inputs.dataset;
  dataset = find_dataset(request.dataset, request.inputs.source);
  if (!dataset) return "full";
  if (request.labels.empty()) request.labels = dataset->labels;
  if (request.inputs.regions.empty()) request.inputs.regions = dataset->regions;
  if (dataset->frames && request.inputs.frames.kind == FrameRule::Kind::kAll)
    request.inputs.frames = *dataset->frames;
  if (!request.inputs.regions.empty() && dataset->used.size() > 1) {
    throw Error(ErrorCode::kUsage, "regions are in pixels of one rendition: choose it with --use (" +
                                       dataset->used_names() + "): " + request.inputs.regions.string());
  }
  return dataset->used_names();
}

// The renditions of a given plan, in its order; what the request says about answers is what the plan says.
void RunJob::Impl::take_given_plan() {
  const Plan& given = *request.plan;
  if (given.stages.size() != 1) {
    throw Error(ErrorCode::kUsage, "the plan is a cascade, and those cannot be run yet; its stages: " +
                                       std::to_string(given.stages.size()));
  }
  const PlanStage& stage = given.stages.front();
  if (request.model.empty()) request.model = stage.model;
  request.output = given.output == "logits"      ? RowOutput::kLogits
                   : given.output == "embedding" ? RowOutput::kEmbedding
                                                 : RowOutput::kTopK;
  request.topk = given.topk;
  request.softmax = given.scores == Scores::kSoftmax;
  const std::string renditions = rendition_text(stage);
  if (const auto dataset = find_dataset(request.dataset, request.inputs.source)) {
    const auto has = [&](const std::string& name) {
      return std::any_of(dataset->renditions.begin(), dataset->renditions.end(),
                         [&](const Rendition& rendition) { return rendition.name == name; });
    };
    for (const PlanFormat& format : stage.formats) {
      const bool fallback = &format != &stage.formats.front();
      if (!fallback || has(format.format.rendition)) request.dataset.use.push_back(format.format.rendition);
    }
  } else if (renditions != "full") {
    throw Error(ErrorCode::kUsage, "the plan reads the renditions " + renditions +
                                       ", and nothing names their files: give --rendition NAME=PATTERN, or write " +
                                       std::string(kDatasetFileName) + ": " + request.inputs.source);
  }
}

Plan RunJob::Impl::plan_of_flags(const std::string& renditions) const {
  Plan made;
  PlanStage& stage = made.stages.emplace_back();
  stage.model = request.model;
  if (const std::optional<Manifest> declared = declared_manifest()) {
    stage.manifest = *declared;
  } else {
    stage.manifest.name = request.model.stem().string();
  }
  for (std::string_view rest = renditions; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    stage.formats.push_back({{std::string(rest.substr(0, comma)), request.decode}});
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  made.output = output_name(request.output);
  made.topk = request.topk;
  made.scores = request.softmax ? Scores::kSoftmax : Scores::kAsModelled;
  made.engine.backend = backend.name();
  return made;
}

void RunJob::Impl::load() {
  if (plan) return;
  if (request.plan) take_given_plan();
  if (!std::filesystem::exists(request.model)) {
    throw Error(ErrorCode::kUsage,
                request.plan && request.model == request.plan->stages.front().model
                    ? "the plan's model is not there (--model FILE says where it lies now): " + request.model.string()
                    : "--model: no such file: " + request.model.string());
  }
  const std::string renditions = load_dataset();
  Plan made = request.plan ? *request.plan : plan_of_flags(renditions);
  PlanStage& stage = made.stages.front();
  stage.model = request.model;
  const std::string hash = hash_file(request.model);
  if (request.plan && hash != stage.model_hash) {
    throw Error(ErrorCode::kUsage, "the model is not the one of the plan, which has the hash " + stage.model_hash +
                                       " (this one: " + hash + "): " + request.model.string());
  }
  stage.model_hash = hash;
  ModelOptions options;
  options.cache_directory = request.cache_directory;
  options.input_name = stage.manifest.input_name;
  options.output_name = stage.manifest.output_name;
  model = backend.load(request.model, options);
  if (!request.plan && !request.preset.empty()) {
    stage.manifest.preprocessing = preset_graph(request.preset, {model->input().height, model->input().width});
  }
  check_against_model(made);
  if (made.topk > model->output_elements() && request.output == RowOutput::kTopK) {
    made.topk = static_cast<int>(model->output_elements());
  }
  schema.output = request.output;
  schema.topk = made.topk;
  schema.output_elements = model->output_elements();
  load_labels(stage.manifest.labels);
  schema.regions = !request.inputs.regions.empty();
  choose_cut(stage);
  schema.plan_id = plan_id(made);
  choose_threads(made.engine);
  plan = std::move(made);
}

void RunJob::Impl::check_against_model(const Plan& made) const {
  const PlanStage& stage = made.stages.front();
  if (made.scores == Scores::kSoftmax && stage.manifest.output_kind != OutputKind::kLogits) {
    throw Error(ErrorCode::kUsage,
                "--softmax: the manifest says that the model's output is not logits: " + request.model.string());
  }
  const InputSpec produced = output_spec(stage.manifest.preprocessing);
  if (produced != model->input()) {
    throw Error(ErrorCode::kUsage, "the preprocessing makes " + size_text(produced) + ", the model takes " +
                                       size_text(model->input()) + ": " + request.model.string());
  }
  if (made.engine.backend != backend.name()) {
    throw Error(ErrorCode::kUsage,
                "the plan wants another backend than " + backend.name() + ": " + made.engine.backend);
  }
  for (const PlanFormat& format : stage.formats) {
    if (format.cpu_ops != stage.formats.front().cpu_ops) {
      throw Error(ErrorCode::kUsage,
                  "the plan cuts the preprocessing of its formats at several places, and one session "
                  "serves them all: give every format the same cpu_ops, not also " +
                      std::to_string(format.cpu_ops));
    }
    if (!request.inputs.regions.empty() && !is_exact(format.format.decode)) {
      throw Error(ErrorCode::kUsage, "regions are cut out of whole pictures, and the plan decodes another way: " +
                                         to_string(format.format));
    }
  }
}

void RunJob::Impl::load_labels(const std::filesystem::path& of_manifest) {
  const std::filesystem::path& labels = request.labels.empty() ? of_manifest : request.labels;
  if (labels.empty() || request.output != RowOutput::kTopK) return;
  schema.labels = read_labels(labels);
  if (static_cast<int64_t>(schema.labels.size()) != model->output_elements()) {
    throw Error(ErrorCode::kUsage, "the labels file has " + std::to_string(schema.labels.size()) +
                                       " lines, the model has " + std::to_string(model->output_elements()) +
                                       " classes: " + labels.string());
  }
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

// A flag, else the plan, else the backend.
void RunJob::Impl::choose_cut(PlanStage& stage) {
  const PreprocGraph& graph = stage.manifest.preprocessing;
  if (request.cpu_ops) {
    cpu_ops = *request.cpu_ops;
    cut_reason = "as given";
    if (cpu_ops > graph.ops.size()) {
      throw Error(ErrorCode::kUsage, "--cut: the preprocessing has fewer operations (" +
                                         std::to_string(graph.ops.size()) + "): " + std::to_string(cpu_ops));
    }
  } else if (request.plan) {
    const int planned = stage.formats.front().cpu_ops;
    cpu_ops = planned < 0 ? graph.ops.size() : static_cast<size_t>(planned);
    cut_reason = "as the plan says";
  } else {
    const CutChoice choice = default_cut(graph, backend);
    cpu_ops = choice.cpu_ops;
    cut_reason = choice.reason;
  }
  for (PlanFormat& format : stage.formats)
    format.cpu_ops = cpu_ops == graph.ops.size() ? -1 : static_cast<int>(cpu_ops);
}

// The snapshot is there: a cut that needs inputs of one size takes it from the first of them, the same in every
// continuation.
void RunJob::Impl::make_cut() {
  const PlanStage& stage = plan->stages.front();
  const PreprocGraph& graph = stage.manifest.preprocessing;
  if (cpu_ops < graph.ops.size() && needs_uniform_input(graph, cpu_ops)) {
    const auto refuse = [&](const std::string& why) {
      return Error(ErrorCode::kUsage, "--cut " + std::to_string(cpu_ops) + " needs pictures of one size, " + why);
    };
    if (!request.inputs.regions.empty()) throw refuse("and regions have many");
    for (const PlanFormat& format : stage.formats) {
      if (!is_exact(format.format.decode)) throw refuse("fully decoded, not as: " + to_string(format.format));
    }
    uniform_input = size_of_first(*inputs, request.limits);
    if (!uniform_input) throw refuse("and none can be read in: " + request.inputs.source);
  }
  cut = cut_graph(graph, cpu_ops, uniform_input);
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
  options.slot = cut.slot;
  options.suffix = cut.suffix;
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
  impl.make_cut();
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
const std::string& RunJob::cut_reason() const { return impl_->cut_reason; }
const LiveCounters& RunJob::live() const { return impl_->live; }

RunReport RunJob::execute() {
  Impl& impl = *impl_;
  PipelineSettings settings;
  const PlanStage& stage = impl.plan->stages.front();
  settings.graph = impl.cut.prefix;
  settings.uniform_input = impl.uniform_input;
  settings.spec = stage.formats.front().format.decode;
  for (const PlanFormat& format : stage.formats) settings.formats.push_back(format.format);
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
  report.cut = to_text(impl.cut);
  report.cut_reason = impl.cut_reason;
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
