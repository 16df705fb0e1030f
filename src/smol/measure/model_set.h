// The elements of D that are measured and chosen from: models with their manifests, loaded once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "smol/infer/backend.h"
#include "smol/infer/manifest.h"

namespace smol {

struct LoadedModel {
  std::filesystem::path path;
  std::string hash;  // hash_file()
  Manifest manifest;
  std::unique_ptr<Model> model;
};

// Each with the manifest beside it. Throws Error(kUsage) that names the file: a model or manifest that is missing or
// does not fit the other, the same model twice. `cache` as ModelOptions::cache_directory.
std::vector<LoadedModel> load_models(const std::vector<std::filesystem::path>& paths, Backend& backend,
                                     const std::filesystem::path& cache);

int smallest_input(const std::vector<LoadedModel>& models);  // the shortest side of any model's input, in pixels

}  // namespace smol
