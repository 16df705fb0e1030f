// A folder that holds each item in several natively stored forms: which there are, and in which order they are
// preferred (docs/datasets.md; paper §5.3).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smol/media/frame_rule.h"

namespace smol {

// One stored form: the file of an item is `prefix` + id + `suffix`, below the dataset's folder.
struct Rendition {
  std::string name;
  std::string prefix;  // of the pattern, before {id}; may hold folders
  std::string suffix;  // behind {id}
  std::string pattern() const { return prefix + "{id}" + suffix; }
  bool operator==(const Rendition&) const = default;
};

struct Dataset {
  std::string root;                   // the folder, ends with '/'
  std::vector<Rendition> renditions;  // all that are named, in order; at least one
  std::vector<uint8_t> used;          // indices of those that may be read, the preferred one first
  std::filesystem::path labels;       // empty: none; as the file says, made relative to its folder
  std::filesystem::path regions;      // the same
  std::optional<FrameRule> frames;    // of videos; nothing: not said

  std::string used_names() const;  // "thumb,full"
};

// What the user said about renditions.
struct DatasetRequest {
  std::filesystem::path file;           // --dataset; empty: dataset.toml in the source folder, if there is one
  std::vector<std::string> renditions;  // --rendition NAME=PATTERN, instead of the file's
  std::vector<std::string> use;         // names, the preferred one first; empty: all, in order
};

inline constexpr std::string_view kDatasetFileName = "dataset.toml";
inline constexpr size_t kMaxRenditions = 64;

// Throws Error(kUsage) naming the flag: a name that is not made of letters, digits, '-', '_' and '.', a pattern
// without exactly one {id}, or one that is not a plain path below the folder.
Rendition parse_rendition(std::string_view name, std::string_view pattern, std::string_view where);

// Reads a dataset file; `root` and `used` stay empty. Throws Error(kUsage) with the file and the key or line: not
// TOML, an unknown key, a value of another type, no rendition.
Dataset read_dataset_file(const std::filesystem::path& file);

// `text` of a dataset file ("": none yet) with `added` named behind what it names; what it names already stays.
// Throws Error(kUsage): a name that has another pattern, or a text in which there is no place for them.
std::string extended_dataset_file(const std::string& text, const std::string& file,
                                  const std::vector<Rendition>& added);

// `name = "pattern"`, as a line of a dataset file without its end.
std::string dataset_file_line(const Rendition& rendition);

// The dataset that `source` (a folder or a *.toml file) is; nothing if no file and no flag names a rendition, then
// the source is a plain folder, file or list. Throws Error(kUsage).
std::optional<Dataset> find_dataset(const DatasetRequest& request, const std::string& source);

// The rendition that the file `relative` belongs to, and its id. A file that several patterns match belongs to the
// one with the most fixed text, so that "{id}.jpg" leaves "{id}_thumb.jpg" alone; of equal ones to the first.
struct RenditionFile {
  uint8_t rendition = 0;
  std::string_view id;  // part of `relative`
};
std::optional<RenditionFile> match_rendition(const Dataset& dataset, std::string_view relative);

}  // namespace smol
