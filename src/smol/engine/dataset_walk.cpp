#include "smol/engine/dataset_walk.h"

#include <algorithm>

#include "smol/engine/image_files.h"

namespace smol {
namespace {

// Whether a file of some rendition can lie below the folder.
bool leads_somewhere(const Dataset& dataset, std::string_view folder) {
  const std::string inside = std::string(folder) + "/";
  return std::any_of(dataset.renditions.begin(), dataset.renditions.end(), [&](const Rendition& rendition) {
    return inside.starts_with(rendition.prefix) || rendition.prefix.starts_with(inside);
  });
}

// A pattern that leaves the extension open means pictures, and not the notes beside them.
bool is_named(const Rendition& rendition, std::string_view file) {
  return has_extension(rendition.suffix) || rendition.suffix.starts_with('.') || has_image_extension(file);
}

}  // namespace

DatasetItems::DatasetItems(const Dataset& dataset) : dataset_(dataset) {
  uint64_t without_pattern = 0;
  const FolderVisitor visitor{.enters = [&](std::string_view folder) { return leads_somewhere(dataset, folder); },
                              .image =
                                  [&](std::string_view file) {
                                    const auto found = match_rendition(dataset, file);
                                    if (found && is_named(dataset.renditions[found->rendition], file)) {
                                      items_.push_back({std::string(found->id), uint64_t{1} << found->rendition});
                                    } else {
                                      ++without_pattern;
                                    }
                                    return true;
                                  },
                              .every_file = true};
  walked_ = walk_folder(dataset.root, visitor);
  walked_.skipped += without_pattern;

  std::sort(items_.begin(), items_.end(), [](const DatasetItem& a, const DatasetItem& b) { return a.id < b.id; });
  size_t kept = 0;
  for (size_t i = 0; i < items_.size(); ++i) {
    if (kept > 0 && items_[kept - 1].id == items_[i].id) {
      items_[kept - 1].has |= items_[i].has;
    } else {
      if (kept != i) items_[kept] = std::move(items_[i]);
      ++kept;
    }
  }
  items_.resize(kept);
}

uint8_t DatasetItems::rendition_of(std::string_view id) const {
  const auto found =
      std::lower_bound(items_.begin(), items_.end(), id,
                       [](const DatasetItem& item, std::string_view wanted) { return item.id < wanted; });
  return rendition_of(*found);
}

uint8_t DatasetItems::rendition_of(const DatasetItem& item) const {
  for (const uint8_t index : dataset_.used) {
    if ((item.has >> index & 1) != 0) return index;
  }
  return dataset_.used.front();
}

}  // namespace smol
