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

toml::table parse(const std::string& text, const std::string& file) try {
  return toml::parse(text, file);
} catch (const toml::parse_error& error) {
  std::string what(error.description());
  std::replace(what.begin(), what.end(), '\n', ' ');
  throw Error(ErrorCode::kUsage, file + ": line " + std::to_string(error.source().begin.line) + ": " + what);
}

Dataset dataset_of(const std::string& text, const std::filesystem::path& file) {
  const std::string name = file.string();
  const toml::table table = parse(text, name);
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

// The line of `text` behind which another rendition can stand.
size_t last_rendition_line(const std::string& text, const std::string& file) {
  size_t last = 0;
  const toml::table table = parse(text, file);
  for (const auto& [key, value] : *table["renditions"].as_table()) {
    last = std::max<size_t>(last, value.source().end.line);
  }
  return last;
}

}  // namespace

Dataset read_dataset_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty()) throw Error(ErrorCode::kUsage, "cannot read the dataset file, or it is empty: " + file.string());
  return dataset_of(text, file);
}

std::string dataset_file_line(const Rendition& rendition) {
  const bool is_bare = rendition.name.find('.') == std::string::npos;
  std::string line = is_bare ? rendition.name : "\"" + rendition.name + "\"";
  line += " = \"";
  for (const char c : rendition.pattern()) {
    if (c == '"' || c == '\\') line += '\\';
    line += c;
  }
  return line + "\"";
}

std::string extended_dataset_file(const std::string& text, const std::string& file,
                                  const std::vector<Rendition>& added) {
  std::vector<Rendition> all;
  if (!text.empty()) all = dataset_of(text, file).renditions;
  std::string lines;
  for (const Rendition& rendition : added) {
    const auto same_name = std::find_if(all.begin(), all.end(), [&](const Rendition& known) {
      return known.name == rendition.name || known.pattern() == rendition.pattern();
    });
    if (same_name != all.end() && same_name->pattern() == rendition.pattern()) continue;
    if (same_name != all.end()) {
      throw Error(ErrorCode::kUsage, file + ": the rendition has another pattern already (" + same_name->pattern() +
                                         "): " + rendition.name + " = " + rendition.pattern());
    }
    all.push_back(rendition);
    lines += dataset_file_line(rendition) + "\n";
  }
  if (lines.empty()) return text;
  if (text.empty()) return "[renditions]\n" + lines;
  size_t at = 0;
  for (size_t line = last_rendition_line(text, file); line > 0 && at != text.npos; --line) {
    at = text.find('\n', at);
    if (at != text.npos) ++at;
  }
  const std::string extended = at == text.npos ? text + "\n" + lines : text.substr(0, at) + lines + text.substr(at);
  try {
    if (dataset_of(extended, file).renditions == all) return extended;
  } catch (const Error&) {  // said below
  }
  std::replace(lines.begin(), lines.end(), '\n', ' ');
  throw Error(ErrorCode::kUsage, file + ": no [renditions] table to put these below; write them there: " + lines);
}

}  // namespace smol
