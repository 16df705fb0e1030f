#include "smol/measure/evaluation_job.h"

#include <algorithm>
#include <map>
#include <set>

#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/measure/input_survey.h"
#include "smol/measure/item_labels.h"
#include "smol/measure/model_set.h"
#include "smol/measure/prediction_cache.h"
#include "smol/measure/prediction_run.h"
#include "smol/measure/scoring.h"

namespace smol {
namespace {

constexpr uint64_t kSurveyedItems = 200;
constexpr size_t kUnwrittenPredictions = 256;  // what a killed evaluation loses at most, for each model and format

// Frames of a video have ids of their own in a label file.
std::string label_id(const Item& item) {
  return item.frame ? item.id + "#" + std::to_string(item.frame->number) : item.id;
}

std::vector<Item> list_items(const InputOptions& inputs, FileSystem& files, const std::string& rendition) {
  InputOptions one = inputs;
  if (one.dataset) {
    const auto found = std::find_if(one.dataset->renditions.begin(), one.dataset->renditions.end(),
                                    [&](const Rendition& named) { return named.name == rendition; });
    if (found == one.dataset->renditions.end()) {
      throw Error(ErrorCode::kUsage, "--format: the dataset has no such rendition: " + rendition);
    }
    one.dataset->used = {static_cast<uint8_t>(found - one.dataset->renditions.begin())};
  } else if (rendition != "full") {
    throw Error(ErrorCode::kUsage,
                "--format: the input is no dataset, so its only rendition is full (see --rendition): " + rendition);
  }
  const TemporarySnapshot snapshot;
  const InputCounts counts = snapshot_inputs(one, files, snapshot.path());
  if (counts.items == 0) {
    throw Error(ErrorCode::kUsage, "no images or videos found (" + std::to_string(counts.skipped) +
                                       " other files skipped) in: " + inputs.source);
  }
  std::vector<Item> items;
  InputList list(snapshot.path());
  for (Item item; list.next(item);) items.push_back(item);
  return items;
}

// One model on one input format.
struct Cell {
  size_t model = 0;
  size_t format = 0;
  PredictionCache cache;
  std::vector<std::optional<ItemKey>> keys;     // by item
  std::vector<std::optional<Prediction>> made;  // by item; nothing: not yet
  size_t unwritten = 0;
};

}  // namespace

struct EvaluationJob::Impl {
  Impl(EvaluationRequest asked, Backend& used_backend, FileSystem& used_files)
      : request(std::move(asked)), backend(used_backend), files(used_files) {}

  void load();
  void label_items();
  void list_formats();
  void open_caches();
  PredictionSettings settings(const InputFormat& format) const { return {format.decode, request.limits, threads}; }
  void predict_format(size_t format);
  std::vector<Prediction> take_predictions(Cell& cell);
  ScoringInput scoring_input() const;  // without predictions
  Evaluation score();

  EvaluationRequest request;
  Backend& backend;
  FileSystem& files;
  int threads = 1;
  std::vector<LoadedModel> models;  // with the reference model, if there is one, at the end or in place
  std::optional<size_t> reference;  // of agreement: which of the models
  std::vector<InputFormat> formats;
  std::vector<std::string> ids;  // of the labelled items
  std::optional<LabelTable> labels;
  uint64_t unlabelled = 0;
  std::vector<std::vector<Item>> items;  // by format, in the order of ids
  std::vector<Cell> cells;               // format by format
  uint64_t known = 0;
  std::atomic<bool> stopped{false};
  LiveCounters live;
};

EvaluationJob::EvaluationJob(EvaluationRequest request, Backend& backend, FileSystem& files)
    : impl_(std::make_unique<Impl>(std::move(request), backend, files)) {
  impl_->request.inputs.limits = impl_->request.limits;
}
EvaluationJob::~EvaluationJob() = default;

void EvaluationJob::Impl::load() {
  std::vector<std::filesystem::path> paths = request.models;
  const std::filesystem::path& agreed = request.reference_model;
  if (!agreed.empty()) {
    const auto same = [&](const std::filesystem::path& path) {
      std::error_code unreadable;  // load_models() says so
      return path == agreed || std::filesystem::equivalent(path, agreed, unreadable);
    };
    const auto found = std::find_if(paths.begin(), paths.end(), same);
    reference = static_cast<size_t>(found - paths.begin());
    if (found == paths.end()) paths.push_back(agreed);
  }
  models = load_models(paths, backend, request.compiled_models);
  threads = request.threads > 0 ? request.threads : cpu_budget().cores;
  for (const LoadedModel& model : models) {
    if (model.model->output_elements() == models[0].model->output_elements()) continue;
    throw Error(ErrorCode::kUsage, "the models have not the same number of outputs: " + models[0].path.string() +
                                       " (" + std::to_string(models[0].model->output_elements()) + "), " +
                                       model.path.string() + " (" + std::to_string(model.model->output_elements()) +
                                       ")");
  }
}

void EvaluationJob::Impl::list_formats() {
  InputOptions& inputs = request.inputs;
  inputs.dataset = find_dataset(request.dataset, inputs.source);
  if (!inputs.regions.empty() || (inputs.dataset && !inputs.dataset->regions.empty())) {
    throw Error(ErrorCode::kUsage, "smol eval takes whole pictures and frames, not regions: " + inputs.source);
  }
  if (inputs.dataset && inputs.dataset->frames && inputs.frames.kind == FrameRule::Kind::kAll)
    inputs.frames = *inputs.dataset->frames;
  const InputSurvey survey = survey_inputs(inputs, files, kSurveyedItems, 0);
  formats = request.formats.empty() ? default_formats(survey, smallest_input(models)) : request.formats;
  // The largest rendition comes first: its full decodes are what the others are compared with.
  const std::string& largest = largest_rendition(survey).name;
  std::stable_partition(formats.begin(), formats.end(),
                        [&](const InputFormat& format) { return format.rendition == largest; });
  const InputFormat full{reference ? largest : formats.front().rendition, {}};
  if (reference && std::find(formats.begin(), formats.end(), full) == formats.end())
    formats.insert(formats.begin(), full);
  for (size_t i = 0; i < formats.size(); ++i) {
    if (std::find(formats.begin(), formats.begin() + static_cast<ptrdiff_t>(i), formats[i]) !=
        formats.begin() + static_cast<ptrdiff_t>(i)) {
      throw Error(ErrorCode::kUsage, "--format names the same twice: " + to_string(formats[i]));
    }
  }
}

// Keeps the items that have a label, in input order.
void EvaluationJob::Impl::label_items() {
  std::map<std::string, std::vector<Item>> by_rendition;
  for (const InputFormat& format : formats) {
    if (!by_rendition.contains(format.rendition))
      by_rendition[format.rendition] = list_items(request.inputs, files, format.rendition);
  }
  const std::vector<Item>& first = by_rendition.at(formats.front().rendition);
  std::vector<std::string> all;
  for (const Item& item : first) all.push_back(label_id(item));
  if (!reference) {
    std::filesystem::path file = request.labels_csv;
    if (file.empty() && request.inputs.dataset)
      file = std::filesystem::path(request.inputs.dataset->root) / "labels.csv";
    if (file.empty() && request.inputs.source != "-")
      file = std::filesystem::path(request.inputs.source) / "labels.csv";
    std::error_code absent;
    if (!request.folder_labels && request.labels_csv.empty() && !std::filesystem::exists(file, absent)) {
      throw Error(ErrorCode::kUsage,
                  "no labels: give --labels-csv FILE, --folder-labels, or --reference-model M for agreement with a "
                  "model; there is no labels.csv in: " +
                      request.inputs.source);
    }
    labels = request.folder_labels ? labels_from_folders(all) : read_label_table(file);
    const bool is_subset = request.inputs.limit > 0 || request.inputs.sample > 0 || !request.inputs.include.empty() ||
                           !request.inputs.exclude.empty();
    const std::set<std::string_view> known_ids(all.begin(), all.end());
    for (const LabelRow& row : labels->rows()) {
      if (is_subset || known_ids.contains(row.id)) continue;
      throw Error(ErrorCode::kUsage, labels->where() + ": record " + std::to_string(row.record) +
                                         ": no input has this id (one that there is: " + all.front() +
                                         "): " + row.id);
    }
  }
  std::vector<bool> labelled(all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    labelled[i] = reference.has_value() || labels->find(all[i]) != nullptr;
    if (labelled[i]) ids.push_back(all[i]);
  }
  unlabelled = all.size() - ids.size();
  if (ids.empty()) throw Error(ErrorCode::kUsage, labels->where() + ": labels none of the inputs");
  for (const InputFormat& format : formats) {
    const std::vector<Item>& listed = by_rendition.at(format.rendition);
    std::vector<Item> kept;
    for (size_t i = 0; i < listed.size(); ++i) {
      // Frames of two renditions of a video may differ in number; pictures have the same ids in all.
      if (listed.size() != all.size() || label_id(listed[i]) != all[i]) {
        throw Error(ErrorCode::kUsage, "the renditions " + formats.front().rendition + " and " + format.rendition +
                                           " do not hold the same items, as of: " + label_id(listed[i]));
      }
      if (labelled[i]) kept.push_back(listed[i]);
    }
    items.push_back(std::move(kept));
  }
}

void EvaluationJob::Impl::open_caches() {
  for (size_t format = 0; format < formats.size(); ++format) {
    std::vector<std::optional<ItemKey>> keys;
    for (const Item& item : items[format]) keys.push_back(item_key(item));
    for (size_t model = 0; model < models.size(); ++model) {
      PredictionCache cache(
          request.prediction_folder,
          prediction_configuration(models[model], backend, formats[format].rendition, settings(formats[format])));
      Cell cell{model, format, std::move(cache), keys, {}, 0};
      cell.made.resize(ids.size());
      for (size_t i = 0; i < ids.size(); ++i) {
        const Prediction* kept = keys[i] ? cell.cache.find(*keys[i]) : nullptr;
        if (kept == nullptr) continue;
        cell.made[i] = *kept;
        ++known;
      }
      cells.push_back(std::move(cell));
    }
  }
}

void EvaluationJob::prepare() {
  Impl& impl = *impl_;
  impl.load();
  impl.list_formats();
  impl.label_items();
  if (!impl.reference) check_scorable(impl.scoring_input());  // before the long work
  impl.open_caches();
}

uint64_t EvaluationJob::predictions() const { return impl_->cells.size() * impl_->ids.size(); }
uint64_t EvaluationJob::known_predictions() const { return impl_->known; }
uint64_t EvaluationJob::unlabelled_items() const { return impl_->unlabelled; }
const LiveCounters& EvaluationJob::live() const { return impl_->live; }
void EvaluationJob::stop() { impl_->stopped = true; }

void EvaluationJob::Impl::predict_format(size_t format) {
  PredictionWork work;
  work.items = items[format];
  std::vector<Cell*> lacking;
  for (size_t model = 0; model < models.size(); ++model) {
    Cell& cell = cells[format * models.size() + model];
    std::vector<bool> wanted;
    for (const std::optional<Prediction>& made : cell.made) wanted.push_back(!made.has_value());
    if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) continue;
    work.models.push_back(&models[model]);
    work.wanted.push_back(std::move(wanted));
    lacking.push_back(&cell);
  }
  if (lacking.empty()) return;
  predict(work, settings(formats[format]), live, stopped,
          [&](size_t model, size_t position, Prediction&& prediction) {
            Cell& cell = *lacking[model];
            cell.made[position] = std::move(prediction);
            if (!cell.keys[position]) return;
            cell.cache.add(*cell.keys[position], *cell.made[position]);
            if (++cell.unwritten < kUnwrittenPredictions) return;
            cell.cache.flush();
            cell.unwritten = 0;
          });
  for (Cell* cell : lacking) cell->cache.flush();
}

Evaluation EvaluationJob::execute() {
  Impl& impl = *impl_;
  for (size_t format = 0; format < impl.formats.size() && !impl.stopped; ++format) impl.predict_format(format);
  if (impl.stopped) throw Error(ErrorCode::kInterrupted, "interrupted; the same command goes on from here");
  return impl.score();
}

ScoringInput EvaluationJob::Impl::scoring_input() const {
  ScoringInput input;
  input.ids = ids;
  for (std::string& id : input.ids) id = utf8_or_escaped(id);
  if (!items.empty()) {
    for (const Item& item : items.front()) input.paths.push_back(item.path);
  }
  input.labels = labels ? &*labels : nullptr;
  input.label_ids = &ids;
  input.reference_model = reference;
  input.metric = request.metric;
  input.positive = request.positive;
  input.engine = backend.name() + " " + backend.version();
  for (const LoadedModel& model : models) {
    std::vector<std::string> names;
    if (!model.manifest.labels.empty()) names = read_labels(model.manifest.labels);
    input.models.push_back({model.manifest.name, model.path, model.hash, to_text(model.manifest.preprocessing),
                            std::move(names), model.model->output_elements()});
  }
  return input;
}

Evaluation EvaluationJob::Impl::score() {
  ScoringInput input = scoring_input();
  for (Cell& cell : cells) {
    ScoredCell scored{cell.model, formats[cell.format], {}};
    for (std::optional<Prediction>& made : cell.made) scored.predictions.push_back(std::move(*made));
    input.cells.push_back(std::move(scored));
  }
  return smol::score(std::move(input));
}

}  // namespace smol
