#include "smol/engine/run_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smol/base/error.h"
#include "smol/base/hash.h"

namespace smol {
namespace {

std::string output_name(RowOutput output) {
  switch (output) {
    case RowOutput::kTopK: return "topk";
    case RowOutput::kLogits: return "logits";
    case RowOutput::kEmbedding: return "embedding";
  }
  return "topk";
}

std::string size_text(const InputSpec& spec) {
  return std::string(name(spec.dtype)) + " " + std::string(name(spec.layout)) + " " + std::to_string(spec.height) +
         "x" + std::to_string(spec.width);
}

// From the command line or a file; nothing if a preset was asked for, which needs the model's size.
std::optional<Manifest> declared_manifest(const RunRequest& request) {
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
std::string load_dataset(RunRequest& request) {
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
void take_given_plan(RunRequest& request) {
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

Plan plan_of_flags(const RunRequest& request, const std::string& renditions, const Backend& backend) {
  Plan made;
  PlanStage& stage = made.stages.emplace_back();
  stage.model = request.model;
  if (const std::optional<Manifest> declared = declared_manifest(request)) {
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

void check_fit(const RunRequest& request, const Plan& plan, const Model& model, const Backend& backend) {
  const PlanStage& stage = plan.stages.front();
  if (plan.scores == Scores::kSoftmax && stage.manifest.output_kind != OutputKind::kLogits) {
    throw Error(ErrorCode::kUsage,
                "--softmax: the manifest says that the model's output is not logits: " + request.model.string());
  }
  const InputSpec produced = output_spec(stage.manifest.preprocessing);
  if (produced != model.input()) {
    throw Error(ErrorCode::kUsage, "the preprocessing makes " + size_text(produced) + ", the model takes " +
                                       size_text(model.input()) + ": " + request.model.string());
  }
  if (plan.engine.backend != backend.name()) {
    throw Error(ErrorCode::kUsage,
                "the plan wants another backend than " + backend.name() + ": " + plan.engine.backend);
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

std::vector<std::string> load_labels(const RunRequest& request, const std::filesystem::path& of_manifest,
                                     int64_t classes) {
  const std::filesystem::path& labels = request.labels.empty() ? of_manifest : request.labels;
  if (labels.empty() || request.output != RowOutput::kTopK) return {};
  std::vector<std::string> names = read_labels(labels);
  if (static_cast<int64_t>(names.size()) != classes) {
    throw Error(ErrorCode::kUsage, "the labels file has " + std::to_string(names.size()) + " lines, the model has " +
                                       std::to_string(classes) + " classes: " + labels.string());
  }
  return names;
}

}  // namespace

LoadedPlan load_plan(RunRequest& request, Backend& backend) {
  if (request.plan) take_given_plan(request);
  if (!std::filesystem::exists(request.model)) {
    throw Error(ErrorCode::kUsage,
                request.plan && request.model == request.plan->stages.front().model
                    ? "the plan's model is not there (--model FILE says where it lies now): " + request.model.string()
                    : "--model: no such file: " + request.model.string());
  }
  const std::string renditions = load_dataset(request);
  LoadedPlan loaded;
  Plan& plan = loaded.plan;
  plan = request.plan ? *request.plan : plan_of_flags(request, renditions, backend);
  PlanStage& stage = plan.stages.front();
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
  loaded.model = backend.load(request.model, options);
  const Model& model = *loaded.model;
  if (!request.plan && !request.preset.empty()) {
    stage.manifest.preprocessing = preset_graph(request.preset, {model.input().height, model.input().width});
  }
  check_fit(request, plan, model, backend);
  if (plan.topk > model.output_elements() && request.output == RowOutput::kTopK) {
    plan.topk = static_cast<int>(model.output_elements());
  }
  RowSchema& schema = loaded.schema;
  schema.output = request.output;
  schema.topk = plan.topk;
  schema.output_elements = model.output_elements();
  schema.labels = load_labels(request, stage.manifest.labels, schema.output_elements);
  schema.regions = !request.inputs.regions.empty();
  return loaded;
}

}  // namespace smol
