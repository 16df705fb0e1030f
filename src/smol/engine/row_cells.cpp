#include "smol/engine/row_cells.h"

#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/utf8.h"

namespace smol {
namespace {

constexpr size_t kTextsPerRow = 4;  // id, path, rendition, error: what may need escaping row by row

std::vector<Column> columns_of(const RowSchema& schema) {
  std::vector<Column> columns = {
      {"item", ColumnType::kInt64},     {"id", ColumnType::kText},     {"path", ColumnType::kText},
      {"rendition", ColumnType::kText}, {"status", ColumnType::kText}, {"error_code", ColumnType::kText},
      {"error", ColumnType::kText},     {"width", ColumnType::kInt32}, {"height", ColumnType::kInt32},
  };
  if (schema.regions) {
    for (const char* side : {"x", "y", "w", "h"}) {
      columns.push_back({std::string("region_") + side, ColumnType::kInt32});
    }
  }
  if (schema.frames) {
    columns.push_back({"frame", ColumnType::kInt64});
    columns.push_back({"timestamp", ColumnType::kDouble});
  }
  switch (schema.output) {
    case RowOutput::kTopK:
      for (int rank = 1; rank <= schema.topk; ++rank) {
        const std::string number = std::to_string(rank);
        columns.push_back({"class_" + number, ColumnType::kInt32});
        if (!schema.labels.empty()) columns.push_back({"label_" + number, ColumnType::kText});
        columns.push_back({"score_" + number, ColumnType::kFloat});
      }
      break;
    case RowOutput::kLogits: columns.push_back({"logits", ColumnType::kFloatList}); break;
    case RowOutput::kEmbedding: columns.push_back({"embedding", ColumnType::kFloatList}); break;
  }
  columns.push_back({"plan_id", ColumnType::kText});
  return columns;
}

Cell pixels(int count) { return count > 0 ? Cell(int64_t{count}) : Cell(Null{}); }

[[noreturn]] void refuse_outputs(const Row& row, size_t expected, size_t actual) {
  throw Error(ErrorCode::kFailed, "item " + std::to_string(row.item) + " has the wrong number of outputs: " +
                                      std::to_string(actual) + " instead of " + std::to_string(expected));
}

}  // namespace

RowCells::RowCells(const RowSchema& schema) : schema_(schema), columns_(columns_of(schema)) {
  schema_.plan_id = utf8_or_escaped(schema.plan_id);
  for (std::string& label : schema_.labels) label = utf8_or_escaped(label);
  cells_.reserve(columns_.size());
  escaped_.reserve(kTextsPerRow);  // never grows, so the views stay valid
}

const std::vector<Cell>& RowCells::cells_of(const Row& row) {
  cells_.clear();
  escaped_.clear();
  cells_.emplace_back(static_cast<int64_t>(row.item));
  cells_.push_back(text(row.id));
  cells_.push_back(text(row.path));
  cells_.push_back(text(row.rendition));
  cells_.emplace_back(std::string_view(row.ok ? "ok" : "error"));
  cells_.push_back(row.ok ? Cell(Null{}) : Cell(item_error_name(row.error_code)));
  cells_.push_back(row.ok ? Cell(Null{}) : text(row.error));
  cells_.push_back(pixels(row.width));
  cells_.push_back(pixels(row.height));
  if (schema_.regions) add_region(row);
  if (schema_.frames) add_frame(row);
  if (!row.ok) {
    cells_.resize(columns_.size() - 1, Null{});
  } else if (schema_.output == RowOutput::kTopK) {
    add_top_k(row);
  } else {
    add_values(row);
  }
  cells_.emplace_back(std::string_view(schema_.plan_id));
  return cells_;
}

Cell RowCells::text(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  return std::string_view(escaped_.emplace_back(utf8_or_escaped(bytes)));
}

void RowCells::add_region(const Row& row) {
  if (!row.region) {
    cells_.resize(cells_.size() + 4, Null{});
    return;
  }
  for (const int number : {row.region->left, row.region->top, row.region->width(), row.region->height()}) {
    cells_.emplace_back(int64_t{number});
  }
}

void RowCells::add_frame(const Row& row) {
  cells_.push_back(row.frame ? Cell(*row.frame) : Cell(Null{}));
  cells_.push_back(row.frame ? Cell(row.timestamp) : Cell(Null{}));
}

void RowCells::add_top_k(const Row& row) {
  if (row.values.size() != row.classes.size()) refuse_outputs(row, row.classes.size(), row.values.size());
  for (size_t rank = 0; rank < static_cast<size_t>(schema_.topk); ++rank) {
    const bool exists = rank < row.classes.size();  // a model may have fewer than k classes
    cells_.push_back(exists ? Cell(int64_t{row.classes[rank]}) : Cell(Null{}));
    if (!schema_.labels.empty()) {
      const size_t index = exists ? static_cast<size_t>(row.classes[rank]) : schema_.labels.size();
      const bool has_label = index < schema_.labels.size();
      cells_.push_back(has_label ? Cell(std::string_view(schema_.labels[index])) : Cell(Null{}));
    }
    cells_.push_back(exists ? Cell(row.values[rank]) : Cell(Null{}));
  }
}

void RowCells::add_values(const Row& row) {
  const auto expected = static_cast<size_t>(schema_.output_elements);
  if (row.values.size() != expected) refuse_outputs(row, expected, row.values.size());
  cells_.emplace_back(std::span<const float>(row.values));
}

}  // namespace smol
