// Regions of interest from a file: columns id, x, y, w, h (pixels of the picture as displayed), several rows an id.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smol/base/geometry.h"

namespace smol {

// All in memory: about 100 bytes an id and 16 a region. Immutable once read.
class RegionTable {
 public:
  // CSV (with a header; further columns are ignored) or, if it starts with "PAR1", Parquet. Throws Error(kUsage) that
  // names the file and line: unreadable, a column missing, not a number, negative, empty.
  explicit RegionTable(const std::filesystem::path& file);

  // In the file's order; empty: none.
  std::span<const Rect> of(std::string_view id) const;

 private:
  std::map<std::string, std::vector<Rect>, std::less<>> regions_;
};

// One row of a region file, of either format; the caller checks the values.
struct RegionRow {
  std::string id;
  int64_t x = 0;
  int64_t y = 0;
  int64_t w = 0;
  int64_t h = 0;
};
std::vector<RegionRow> read_region_csv(const std::filesystem::path& file, std::string_view text);
std::vector<RegionRow> read_region_parquet(const std::filesystem::path& file);

}  // namespace smol
