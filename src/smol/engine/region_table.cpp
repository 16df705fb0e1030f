#include "smol/engine/region_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>

#include "smol/base/error.h"
#include "smol/engine/csv_reader.h"

namespace smol {
namespace {

constexpr int64_t kLargestSide = int64_t{1} << 29;

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    throw Error(ErrorCode::kUsage, "--regions: cannot read: " + file.string());
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::vector<RegionRow> read_region_csv(const std::filesystem::path& file, std::string_view text) {
  constexpr std::string_view kColumns[] = {"id", "x", "y", "w", "h"};
  CsvReader reader(text);
  std::vector<std::string> fields;
  std::vector<size_t> places;
  reader.next(fields);
  for (const std::string_view column : kColumns) {
    const auto found = std::find(fields.begin(), fields.end(), column);
    if (found == fields.end()) {
      throw Error(ErrorCode::kUsage, "--regions: " + file.string() + " needs a header with id,x,y,w,h; there is no " +
                                         std::string(column));
    }
    places.push_back(static_cast<size_t>(found - fields.begin()));
  }
  std::vector<RegionRow> rows;
  while (reader.next(fields)) {
    if (reader.is_cut_off()) {
      throw Error(ErrorCode::kUsage, "--regions: " + file.string() + " record " + std::to_string(reader.record()) +
                                         ": a quote is not closed");
    }
    if (fields.size() == 1 && fields[0].empty()) continue;
    RegionRow row;
    for (size_t column = 0; column < std::size(kColumns); ++column) {
      const std::string field = places[column] < fields.size() ? fields[places[column]] : "";
      if (column == 0) {
        row.id = field;
        continue;
      }
      int64_t& number = *std::array{&row.x, &row.y, &row.w, &row.h}[column - 1];
      const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
      if (error != std::errc() || end != field.data() + field.size()) {
        throw Error(ErrorCode::kUsage, "--regions: " + file.string() + " record " + std::to_string(reader.record()) +
                                           ": " + std::string(kColumns[column]) +
                                           " must be a whole number: " + field);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

RegionTable::RegionTable(const std::filesystem::path& file) {
  const std::string text = read_all(file);
  const std::vector<RegionRow> rows =
      text.starts_with("PAR1") ? read_region_parquet(file) : read_region_csv(file, text);
  for (const RegionRow& row : rows) {
    const auto in_range = [](int64_t value, int64_t smallest) { return value >= smallest && value <= kLargestSide; };
    const bool inside = in_range(row.x, 0) && in_range(row.y, 0) && in_range(row.w, 1) && in_range(row.h, 1);
    if (!inside) {
      throw Error(ErrorCode::kUsage,
                  "--regions: " + file.string() + ": x and y must not be negative, w and h positive, for: " + row.id);
    }
    regions_[row.id].push_back({static_cast<int>(row.y), static_cast<int>(row.x), static_cast<int>(row.y + row.h),
                                static_cast<int>(row.x + row.w)});
  }
  if (regions_.empty()) throw Error(ErrorCode::kUsage, "--regions: the file holds no region: " + file.string());
}

std::span<const Rect> RegionTable::of(std::string_view id) const {
  const auto found = regions_.find(id);
  return found == regions_.end() ? std::span<const Rect>() : std::span<const Rect>(found->second);
}

}  // namespace smol
