// Rows as cells: the one place that says which columns there are, in which order, and when a cell is null
// (docs/rows.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smol/engine/row.h"

namespace smol {

enum class ColumnType : uint8_t { kInt64, kInt32, kFloat, kDouble, kText, kFloatList };

struct Column {
  std::string name;
  ColumnType type;
};

struct Null {};
using Cell = std::variant<Null, int64_t, float, double, std::string_view, std::span<const float>>;

// Not thread-safe; buffers are reused from row to row.
class RowCells {
 public:
  explicit RowCells(const RowSchema& schema);
  const std::vector<Column>& columns() const { return columns_; }

  // One cell a column, text as UTF-8. Valid until the next call, and as long as `row` lives. Throws Error(kFailed) if
  // an ok row does not have the number of outputs that the schema promises.
  const std::vector<Cell>& cells_of(const Row& row);

 private:
  Cell text(std::string_view bytes);
  void add_region(const Row& row);
  void add_frame(const Row& row);
  void add_top_k(const Row& row);
  void add_values(const Row& row);

  RowSchema schema_;  // its texts as UTF-8
  std::vector<Column> columns_;
  std::vector<Cell> cells_;
  std::vector<std::string> escaped_;  // what the cells of this row refer to, if it had to be escaped
};

}  // namespace smol
