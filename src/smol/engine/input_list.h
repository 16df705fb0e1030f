// What a run is about: the inputs, snapshotted once into the run directory, so that a chunk means the same for ever.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/base/file_system.h"
#include "smol/base/geometry.h"
#include "smol/engine/dataset.h"
#include "smol/media/frame_rule.h"

namespace smol {

struct InputOptions {
  std::string source;  // a folder (recursive), an image or video file, a list file (one path a line), or "-" (stdin)
  std::vector<std::string> include;  // globs (glob.h) on the path relative to the folder, or as listed; empty: all
  std::vector<std::string> exclude;  // the same; a folder that matches is not entered
  uint64_t limit = 0;                // the first n items; 0: all
  uint64_t sample = 0;               // n items at random (after include/exclude, before limit); 0: all
  uint64_t seed = 0;                 // of the sample
  // Regions of interest (region_table.h): each is an item of its own, pictures without one are left out. Empty: every
  // picture is one item, whole.
  std::filesystem::path regions;
  FrameRule frames;          // which frames of videos are items
  DecodeLimits limits;       // of videos
  bool index_videos = true;  // false: a video is one item, and not read
  // A source that is a dataset (find_dataset()): items are its ids, and include, exclude and regions are about those.
  std::optional<Dataset> dataset;
};

struct InputCounts {
  uint64_t items = 0;
  uint64_t excluded = 0;  // by include and exclude; what is below excluded folders is not counted
  uint64_t skipped = 0;   // in a folder: files that are no images by name or first bytes; whatever starts with a dot
  uint64_t unreadable_folders = 0;
  uint64_t without_region = 0;  // pictures left out because the region file has none for them
};

// Walks, filters and writes the snapshot `path` atomically, in path order (byte-wise) for folders and in list order
// for lists. Memory while it runs: the names of one folder and its ancestors, or of the sample. Throws Error(kUsage)
// if the source does not exist, or is a list without a path. In a folder, a file is an item if its extension is that
// of an image format, or if it has no extension but an image's first bytes (folder_walk.h). A file is one item if it
// is an image by extension or first bytes, otherwise a list (list_reader.h). Listed files are always items;
// duplicates stay. Videos are read once, from end to end, to find their frames; one that cannot be read is one item.
// Of a dataset, every id of which any named rendition has a file is an item, in byte order; it is read from the first
// rendition in use that has a file of it, and one that has none in use stays an item, whose file is not found when it
// is read. All ids are in memory meanwhile (about 60 bytes and its text each). With a limit and no sample, the walk
// of a plain folder ends at the limit, and so do the counts.
InputCounts snapshot_inputs(const InputOptions& options, FileSystem& files, const std::filesystem::path& path);

struct Item {
  uint64_t ordinal = 0;
  std::string id;                  // relative to the folder; as listed; a dataset's id
  std::string path;                // to open
  std::optional<Rect> region;      // of the picture as displayed; nothing: all of it
  std::optional<FrameRef> frame;   // of a video
  std::string rendition = "full";  // a dataset's: which of them `path` is
};

// Neighbouring items of one file: regions that one decode serves, or frames that are decoded in a row. Reuses its
// items' memory.
class ItemRun {
 public:
  void clear() { count_ = 0; }
  Item& append() {
    if (count_ == items_.size()) items_.emplace_back();
    return items_[count_++];
  }
  std::span<const Item> items() const { return {items_.data(), count_}; }
  const Item& first() const { return items_.front(); }

 private:
  std::vector<Item> items_;
  size_t count_ = 0;
};

// Whether `next` belongs to the (non-empty) run: a further region of one picture, or a further frame of one video up
// to the end of a group. The same wherever runs are made, so that what is measured is what runs.
bool continues_run(const ItemRun& run, const Item& next);

// Reads a snapshot item by item from any position; memory independent of its length. Not thread-safe.
class InputList {
 public:
  explicit InputList(const std::filesystem::path& snapshot);  // throws Error(kFailed): missing or damaged
  ~InputList();
  uint64_t size() const;
  uint64_t frames() const;       // how many of them are frames of videos
  uint64_t fingerprint() const;  // a hash of the whole list: names the dataset in the run's configuration
  void seek(uint64_t ordinal);   // the next item to be read
  bool next(Item& item);         // false at the end; reuses the strings' memory

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smol
