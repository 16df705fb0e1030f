// dataset.toml. The one place that knows the TOML library.
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "smol/base/error.h"
#include "smol/engine/dataset.h"

namespace smol {
namespace {

constexpr std::string_view kKnownKeys = "renditions, labels, regions, frames";

std::string text_of(const toml::node& value, const std::string& file, std::string_view key) {
  const auto text = value.value<std::string>();
  if (!value.is_string() || text->empty()) {
    throw Error(ErrorCode::kUsage, file + ": '" + std::string(key) + "' has to be a text in quotes");
  }
  return *text;
}

// The library sorts by name; the order in the file is the order of preference.
std::vector<Rendition> renditions_of(const toml::table& table, const std::string& file) {
  struct Placed {
    toml::source_position position;
    Rendition rendition;
  };
  std::vector<Placed> placed;
  for (const auto& [key, value] : table) {
    const std::string pattern = text_of(value, file, "renditions." + std::string(key.str()));
    placed.push_back({value.source().begin, parse_rendition(key.str(), pattern, file)});
  }
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) { return a.position < b.position; });
  std::vector<Rendition> renditions;
  for (Placed& entry : placed) renditions.push_back(std::move(entry.rendition));
  return renditions;
}

FrameRule frames_of(const std::string& text, const std::string& file) {
  try {
    return parse_frame_rule(text);
  } catch (const Error& error) {
    throw Error(error.code(), file + ": " + error.what());
  }
}

toml::table parse(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) throw Error(ErrorCode::kUsage, "cannot read the dataset file: " + file.string());
  if (text.empty()) throw Error(ErrorCode::kUsage, "cannot read the dataset file, or it is empty: " + file.string());
  try {
    return toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    std::replace(what.begin(), what.end(), '\n', ' ');
    throw Error(ErrorCode::kUsage,
                file.string() + ": line " + std::to_string(error.source().begin.line) + ": " + what);
  }
}

}  // namespace

Dataset read_dataset_file(const std::filesystem::path& file) {
  const toml::table table = parse(file);
  const std::string name = file.string();
  Dataset dataset;
  for (const auto& [key, value] : table) {
    if (key == "renditions" && value.is_table()) {
      dataset.renditions = renditions_of(*value.as_table(), name);
    } else if (key == "renditions") {
      throw Error(ErrorCode::kUsage, name + ": 'renditions' has to be a table: [renditions]");
    } else if (key == "labels") {
      dataset.labels = file.parent_path() / text_of(value, name, key.str());
    } else if (key == "regions") {
      dataset.regions = file.parent_path() / text_of(value, name, key.str());
    } else if (key == "frames") {
      dataset.frames = frames_of(text_of(value, name, key.str()), name);
    } else {
      throw Error(ErrorCode::kUsage,
                  name + ": unknown key '" + std::string(key.str()) + "' (known: " + std::string(kKnownKeys) + ")");
    }
  }
  if (dataset.renditions.empty()) {
    throw Error(ErrorCode::kUsage, name + ": it names no rendition: [renditions] full = \"full/{id}.jpg\"");
  }
  return dataset;
}

}  // namespace smol
