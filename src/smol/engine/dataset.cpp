#include "smol/engine/dataset.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr std::string_view kIdMark = "{id}";

bool is_name_character(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

// Without empty components, and none that begins with a dot: those are never walked.
bool is_plain_path(std::string_view path) {
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty() || component.front() == '.') return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Dataset from_flags(const DatasetRequest& request) {
  Dataset dataset;
  for (const std::string& flag : request.renditions) {
    const size_t equals = flag.find('=');
    if (equals == flag.npos) {
      throw Error(ErrorCode::kUsage, "--rendition takes NAME=PATTERN, as in thumb=thumb161/{id}.png: " + flag);
    }
    dataset.renditions.push_back(parse_rendition(std::string_view(flag).substr(0, equals),
                                                 std::string_view(flag).substr(equals + 1), "--rendition"));
  }
  return dataset;
}

void check_renditions(const Dataset& dataset, const std::string& where) {
  if (dataset.renditions.size() > kMaxRenditions) {
    throw Error(ErrorCode::kUsage, "more than " + std::to_string(kMaxRenditions) + " renditions: " + where);
  }
  std::set<std::string> names;
  std::set<std::string> patterns;
  for (const Rendition& rendition : dataset.renditions) {
    if (!names.insert(rendition.name).second) {
      throw Error(ErrorCode::kUsage, where + ": two renditions have the name " + rendition.name);
    }
    if (!patterns.insert(rendition.pattern()).second) {
      throw Error(ErrorCode::kUsage, where + ": two renditions have the pattern " + rendition.pattern());
    }
  }
}

void choose_used(Dataset& dataset, const std::vector<std::string>& use) {
  if (use.empty()) {
    for (size_t i = 0; i < dataset.renditions.size(); ++i) dataset.used.push_back(static_cast<uint8_t>(i));
    return;
  }
  for (const std::string& name : use) {
    const auto found = std::find_if(dataset.renditions.begin(), dataset.renditions.end(),
                                    [&](const Rendition& rendition) { return rendition.name == name; });
    if (found == dataset.renditions.end()) {
      std::string known;
      for (const Rendition& rendition : dataset.renditions) known += (known.empty() ? "" : ", ") + rendition.name;
      throw Error(ErrorCode::kUsage, "--use: no such rendition (there are: " + known + "): " + name);
    }
    const auto index = static_cast<uint8_t>(found - dataset.renditions.begin());
    if (std::find(dataset.used.begin(), dataset.used.end(), index) != dataset.used.end()) {
      throw Error(ErrorCode::kUsage, "--use names a rendition twice: " + name);
    }
    dataset.used.push_back(index);
  }
}

}  // namespace

std::string Dataset::used_names() const {
  std::string names;
  for (const uint8_t index : used) names += (names.empty() ? "" : ",") + renditions[index].name;
  return names;
}

Rendition parse_rendition(std::string_view name, std::string_view pattern, std::string_view where) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::kUsage, std::string(where) + ": " + what);
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
    refuse("a rendition's name is made of letters, digits, '-', '_' and '.': " + std::string(name));
  }
  const size_t mark = pattern.find(kIdMark);
  if (mark == pattern.npos || pattern.find(kIdMark, mark + 1) != pattern.npos) {
    refuse("a pattern holds {id} once, as in full/{id}.jpg: " + std::string(name) + " = " + std::string(pattern));
  }
  if (!is_plain_path(pattern)) {
    refuse("a pattern is a path below the dataset's folder, and no part of it begins with a dot: " +
           std::string(name) + " = " + std::string(pattern));
  }
  return {std::string(name), std::string(pattern.substr(0, mark)),
          std::string(pattern.substr(mark + kIdMark.size()))};
}

std::optional<Dataset> find_dataset(const DatasetRequest& request, const std::string& source) {
  namespace fs = std::filesystem;
  const fs::path path(source);
  std::error_code unreadable;  // is said when the inputs are listed
  const bool is_folder = source != "-" && fs::is_directory(path, unreadable);
  const bool is_dataset_file = !is_folder && path.extension() == ".toml";
  fs::path file = request.file;
  if (file.empty() && is_dataset_file) file = path;
  if (file.empty() && is_folder && fs::exists(path / kDatasetFileName, unreadable)) file = path / kDatasetFileName;
  if (file.empty() && request.renditions.empty()) {
    if (request.use.empty()) return std::nullopt;
    throw Error(ErrorCode::kUsage, "--use: no renditions are named: give --rendition NAME=PATTERN, or write " +
                                       std::string(kDatasetFileName) + " (see `smol inspect`): " + source);
  }
  if (!is_folder && !is_dataset_file) {
    throw Error(ErrorCode::kUsage, "renditions are those of a folder or of a dataset's .toml file: " + source);
  }
  Dataset dataset = file.empty() ? Dataset{} : read_dataset_file(file);
  if (!request.renditions.empty()) dataset.renditions = from_flags(request).renditions;
  check_renditions(dataset, request.renditions.empty() ? file.string() : "--rendition");
  choose_used(dataset, request.use);
  dataset.root = is_folder ? source : path.has_parent_path() ? path.parent_path().string() : ".";
  while (dataset.root.size() > 1 && dataset.root.ends_with('/')) dataset.root.pop_back();
  if (!dataset.root.ends_with('/')) dataset.root += '/';
  return dataset;
}

std::optional<RenditionFile> match_rendition(const Dataset& dataset, std::string_view relative) {
  std::optional<RenditionFile> best;
  size_t best_fixed = 0;
  for (size_t i = 0; i < dataset.renditions.size(); ++i) {
    const Rendition& rendition = dataset.renditions[i];
    const size_t fixed = rendition.prefix.size() + rendition.suffix.size();
    if (relative.size() <= fixed || (best && fixed <= best_fixed)) continue;
    if (!relative.starts_with(rendition.prefix) || !relative.ends_with(rendition.suffix)) continue;
    best = {static_cast<uint8_t>(i), relative.substr(rendition.prefix.size(), relative.size() - fixed)};
    best_fixed = fixed;
  }
  return best;
}

}  // namespace smol
