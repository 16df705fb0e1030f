#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/dataset_walk.h"
#include "smol/engine/folder_walk.h"
#include "smol/engine/glob.h"
#include "smol/engine/image_files.h"
#include "smol/engine/input_list.h"
#include "smol/engine/list_reader.h"
#include "smol/engine/region_table.h"
#include "smol/engine/sample.h"
#include "smol/engine/snapshot_format.h"
#include "smol/media/frame_rule.h"
#include "smol/media/video_index.h"

namespace smol {
namespace {

std::vector<Glob> globs_of(const std::vector<std::string>& patterns) {
  return std::vector<Glob>(patterns.begin(), patterns.end());
}

// From the source's names to the snapshot: include and exclude, then sample, then limit.
class Selection {
 public:
  explicit Selection(const InputOptions& options)
      : include_(globs_of(options.include)),
        exclude_(globs_of(options.exclude)),
        limit_(options.limit),
        rule_(options.frames),
        indexes_videos_(options.index_videos),
        seed_(options.seed) {
    if (options.sample > 0) sample_.emplace(options.sample, options.seed);
    if (!options.regions.empty()) regions_.emplace(options.regions);
  }

  void begin(FileSystem& files, const std::filesystem::path& path, std::string_view root) {
    root_ = root;
    writer_.emplace(files, path, root);
  }
  // `dataset` and `items` have to live until finish().
  void begin(FileSystem& files, const std::filesystem::path& path, const Dataset& dataset,
             const DatasetItems& items) {
    writer_.emplace(files, path, dataset.root, dataset.renditions);
    root_ = dataset.root;
    dataset_ = &dataset;
    dataset_items_ = &items;
  }

  bool enters(std::string_view folder) const { return !matches_any(exclude_, folder); }

  // false: no further item can be selected.
  bool add(std::string_view id) {
    ++seen_;
    if (matches_any(exclude_, id) || (!include_.empty() && !matches_any(include_, id))) {
      ++excluded_;
      return true;
    }
    if (sample_) {
      sample_->add(id);
      return true;
    }
    return write(id);
  }

  InputCounts finish() {
    if (sample_) {
      for (const std::string& id : sample_->take()) {
        if (!write(id)) break;
      }
    }
    writer_->finish();
    InputCounts counts;
    counts.items = writer_->items();
    counts.excluded = excluded_;
    counts.without_region = without_region_;
    return counts;
  }

  uint64_t seen() const { return seen_; }

 private:
  // One item, or one a region. false: the limit is reached.
  bool write(std::string_view id) {
    if (const std::string path = path_of(id); !regions_ && has_video_extension(path)) return write_frames(id, path);
    const auto room = [&] { return limit_ == 0 || writer_->items() < limit_; };
    if (!regions_) {
      writer_->add(id, nullptr, nullptr, rendition_of(id));
      return room();
    }
    const std::span<const Rect> regions = regions_->of(id);
    if (regions.empty()) ++without_region_;
    for (const Rect& region : regions) {
      if (!room()) break;
      writer_->add(id, &region, nullptr, rendition_of(id));
    }
    return room();
  }

  uint8_t rendition_of(std::string_view id) const {
    return dataset_items_ == nullptr ? uint8_t{0} : dataset_items_->rendition_of(id);
  }

  std::string path_of(std::string_view id) const {
    if (dataset_items_ == nullptr) return root_ + std::string(id);
    const Rendition& rendition = dataset_->renditions[rendition_of(id)];
    return root_ + rendition.prefix + std::string(id) + rendition.suffix;
  }

  // A video that cannot be read, or not to its end, has one more item, which says so.
  bool write_frames(std::string_view id, const std::string& path) {
    constexpr FrameRef kNoFrame{};
    const Result<VideoIndex> index =
        indexes_videos_ ? index_video(path, {}) : ItemError{ItemErrorCode::kUnsupportedFormat, "not asked for"};
    if (index.ok()) {
      const uint64_t seed = seed_ ^ hash64(id);
      for (const FrameRef& frame : pick_frames(*index, rule_, seed)) {
        writer_->add(id, nullptr, &frame, rendition_of(id));
        if (limit_ != 0 && writer_->items() >= limit_) return false;
      }
      if (!index->damage) return true;
    }
    writer_->add(id, nullptr, &kNoFrame, rendition_of(id));
    return limit_ == 0 || writer_->items() < limit_;
  }

  std::vector<Glob> include_;
  std::vector<Glob> exclude_;
  uint64_t limit_;
  FrameRule rule_;
  bool indexes_videos_;
  uint64_t seed_;
  std::string root_;
  std::optional<Sample> sample_;
  std::optional<RegionTable> regions_;
  std::optional<SnapshotWriter> writer_;
  const Dataset* dataset_ = nullptr;
  const DatasetItems* dataset_items_ = nullptr;
  uint64_t seen_ = 0;
  uint64_t excluded_ = 0;
  uint64_t without_region_ = 0;
};

InputCounts snapshot_folder(std::string root, Selection& selection, FileSystem& files,
                            const std::filesystem::path& path) {
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();  // "photos" and "photos//" are the same inputs
  if (!root.ends_with('/')) root += '/';
  selection.begin(files, path, root);
  const FolderVisitor visitor{.enters = [&](std::string_view folder) { return selection.enters(folder); },
                              .image = [&](std::string_view image) { return selection.add(image); }};
  const FolderCounts folder = walk_folder(root, visitor);
  InputCounts counts = selection.finish();
  counts.skipped = folder.skipped;
  counts.unreadable_folders = folder.unreadable_folders;
  return counts;
}

// A folder of an id that --exclude names is left out with all below it, as a folder of a plain source is.
bool enters_all_folders(const Selection& selection, std::string_view id) {
  for (size_t slash = id.find('/'); slash != id.npos; slash = id.find('/', slash + 1)) {
    if (!selection.enters(id.substr(0, slash))) return false;
  }
  return true;
}

InputCounts snapshot_dataset(const Dataset& dataset, Selection& selection, FileSystem& files,
                             const std::filesystem::path& path) {
  const DatasetItems items(dataset);
  selection.begin(files, path, dataset, items);
  uint64_t in_excluded_folders = 0;
  for (const DatasetItem& item : items.items()) {
    if (!enters_all_folders(selection, item.id)) {
      ++in_excluded_folders;
    } else if (!selection.add(item.id)) {
      break;
    }
  }
  InputCounts counts = selection.finish();
  counts.excluded += in_excluded_folders;
  counts.skipped = items.walked().skipped;
  counts.unreadable_folders = items.walked().unreadable_folders;
  return counts;
}

InputCounts snapshot_list(int descriptor, const std::string& name, Selection& selection, FileSystem& files,
                          const std::filesystem::path& path) {
  selection.begin(files, path, "");
  read_list(descriptor, name, [&](std::string_view listed) { return selection.add(listed); });
  if (selection.seen() == 0) throw Error(ErrorCode::kUsage, "the list holds no path: " + name);
  return selection.finish();
}

}  // namespace

InputCounts snapshot_inputs(const InputOptions& options, FileSystem& files, const std::filesystem::path& path) {
  Selection selection(options);
  if (options.dataset) return snapshot_dataset(*options.dataset, selection, files, path);
  if (options.source == "-") return snapshot_list(STDIN_FILENO, "standard input", selection, files, path);

  const auto refuse = [&options](const char* what) {
    throw Error(ErrorCode::kUsage, std::string(what) + ": " + std::strerror(errno) + ": " + options.source);
  };
  struct stat status{};
  if (::stat(options.source.c_str(), &status) != 0) refuse("cannot find the input");
  if (S_ISDIR(status.st_mode)) return snapshot_folder(options.source, selection, files, path);

  bool is_image = S_ISREG(status.st_mode) && has_media_extension(options.source);
  Descriptor file;
  if (!is_image) {
    file = Descriptor(::open(options.source.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) refuse("cannot read the input");
    is_image = S_ISREG(status.st_mode) && starts_like_image(file.number());
  }
  if (!is_image) return snapshot_list(file.number(), options.source, selection, files, path);
  selection.begin(files, path, "");
  selection.add(options.source);
  return selection.finish();
}

}  // namespace smol
