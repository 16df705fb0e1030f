// Guesses from names and sizes which files of a folder are renditions of the same items (docs/datasets.md).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/engine/dataset.h"

namespace smol {

struct ProposedRendition {
  Rendition rendition;
  uint64_t files = 0;
  int smallest_short_side = 0;  // pixels
  int largest_short_side = 0;
};

struct RenditionProposal {
  std::vector<ProposedRendition> renditions;  // the largest pictures first; empty: the files look unrelated
  uint64_t items = 0;                         // ids of which any of them has a file
  uint64_t exif_thumbnails = 0;               // files with one: a rendition that --decode thumbnail reads
};

// Files are grouped by top folder and extension; what is left of their paths are their ids. Groups belong together if
// at least half of the smaller one's ids are in the largest one too, and nine in ten of those have the same aspect
// ratio (3 %, or a pixel). Memory: all ids.
class RenditionGuess {
 public:
  void add(std::string_view relative_path, Size displayed, bool has_thumbnail);
  RenditionProposal propose() const;

 private:
  struct Group {
    std::map<std::string, Size, std::less<>> sizes;  // by id
    int smallest = 0;
    int largest = 0;
    double mean_short_side = 0;
  };
  using Key = std::pair<std::string, std::string>;  // top folder with its slash or "", extension with its dot or ""
  static std::vector<std::string> names_of(const std::vector<Key>& keys);

  std::map<Key, Group> groups_;
  uint64_t thumbnails_ = 0;
};

// dataset.toml with these renditions, and what was seen of each as comments.
std::string dataset_file_text(const RenditionProposal& proposal);

}  // namespace smol
