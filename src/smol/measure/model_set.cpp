#include "smol/measure/model_set.h"

#include <algorithm>
#include <limits>

#include "smol/base/error.h"
#include "smol/plan/plan.h"

namespace smol {
namespace {

LoadedModel load_one(const std::filesystem::path& path, Backend& backend, const std::filesystem::path& cache) {
  if (!std::filesystem::exists(path)) throw Error(ErrorCode::kUsage, "--model: no such file: " + path.string());
  const std::filesystem::path manifest = manifest_path(path);
  if (!std::filesystem::exists(manifest)) {
    throw Error(ErrorCode::kUsage, "the model has no manifest that says how to preprocess its inputs: add " +
                                       manifest.filename().string() + " beside it: " + path.string());
  }
  LoadedModel loaded;
  loaded.path = path;
  loaded.hash = hash_file(path);
  loaded.manifest = read_manifest(manifest);
  loaded.model = backend.load(path, {loaded.manifest.input_name, loaded.manifest.output_name, cache});
  if (output_spec(loaded.manifest.preprocessing) != loaded.model->input()) {
    throw Error(ErrorCode::kUsage,
                "the manifest's preprocessing does not make what the model takes: " + manifest.string());
  }
  return loaded;
}

}  // namespace

std::vector<LoadedModel> load_models(const std::vector<std::filesystem::path>& paths, Backend& backend,
                                     const std::filesystem::path& cache) {
  std::vector<LoadedModel> models;
  for (const std::filesystem::path& path : paths) {
    LoadedModel loaded = load_one(path, backend, cache);
    const auto same = std::find_if(models.begin(), models.end(),
                                   [&](const LoadedModel& other) { return other.hash == loaded.hash; });
    if (same != models.end()) {
      throw Error(ErrorCode::kUsage, "--model: the same model twice: " + same->path.string() + ", " + path.string());
    }
    models.push_back(std::move(loaded));
  }
  return models;
}

int smallest_input(const std::vector<LoadedModel>& models) {
  int smallest = std::numeric_limits<int>::max();
  for (const LoadedModel& model : models)
    smallest = std::min({smallest, model.model->input().height, model.model->input().width});
  return smallest;
}

}  // namespace smol
