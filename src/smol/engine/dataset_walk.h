// The items of a dataset: which ids there are, and from which rendition each is read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smol/engine/dataset.h"
#include "smol/engine/folder_walk.h"

namespace smol {

struct DatasetItem {
  std::string id;
  uint64_t has = 0;  // bit i: rendition i of the dataset has a file of it
};

// Walks the dataset's folder once; all ids stay in memory, as the renditions of one id lie in different folders.
class DatasetItems {
 public:
  explicit DatasetItems(const Dataset& dataset);  // `dataset` has to outlive it; throws Error(kUsage)

  std::span<const DatasetItem> items() const { return items_; }  // in byte order of the ids
  FolderCounts walked() const { return walked_; }

  // The index of the first rendition in use that has a file of `id`; of the first in use if none has.
  uint8_t rendition_of(std::string_view id) const;
  uint8_t rendition_of(const DatasetItem& item) const;

 private:
  const Dataset& dataset_;
  std::vector<DatasetItem> items_;
  FolderCounts walked_;
};

}  // namespace smol
