#include "smol/measure/label_table.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "smol/base/error.h"
#include "smol/engine/csv_reader.h"

namespace smol {
namespace {

constexpr char kSeparator = '|';

// In one line, though fields in quotes may hold line ends.
[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  std::string line = where + ": " + what;
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  throw Error(ErrorCode::kUsage, line);
}

[[noreturn]] void refuse(const std::string& where, size_t record, const std::string& what) {
  refuse(where, "record " + std::to_string(record) + ": " + what);
}

std::optional<size_t> column(const std::vector<std::string>& header, std::string_view name,
                             const std::string& where) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  if (std::find(found + 1, header.end(), name) != header.end())
    refuse(where, "two columns have the name " + std::string(name));
  return static_cast<size_t>(found - header.begin());
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Empty if any label is.
std::vector<std::string> split(std::string_view field) {
  std::vector<std::string> labels;
  while (true) {
    const size_t end = field.find(kSeparator);
    const std::string_view label = trimmed(field.substr(0, end));
    if (label.empty()) return {};
    labels.emplace_back(label);
    if (end == field.npos) return labels;
    field.remove_prefix(end + 1);
  }
}

}  // namespace

LabelTable::LabelTable(std::string_view text, const std::string& where) : where_(where) {
  CsvReader reader(text);
  std::vector<std::string> fields;
  reader.next(fields);
  const size_t columns = fields.size();
  const std::optional<size_t> id = column(fields, "id", where);
  const std::optional<size_t> label = column(fields, "label", where);
  const std::optional<size_t> group = column(fields, "group", where);
  if (!id || !label) {
    refuse(where,
           std::string("needs a header with id,label and perhaps group; there is no ") + (id ? "label" : "id"));
  }
  has_groups_ = group.has_value();
  while (reader.next(fields)) {
    if (reader.is_cut_off()) refuse(where, reader.record(), "a quote is not closed");
    if (fields.size() == 1 && fields[0].empty()) continue;  // an empty line
    if (fields.size() != columns) {
      refuse(where, reader.record(),
             std::to_string(fields.size()) + " fields, the header has " + std::to_string(columns) +
                 ": put a field that holds a comma in quotes");
    }
    LabelRow row{fields[*id], split(fields[*label]), group ? fields[*group] : std::string(), reader.record()};
    if (row.id.empty()) refuse(where, row.record, "the id is empty");
    if (row.labels.empty()) refuse(where, row.record, "a label is empty, of: " + row.id);
    if (const auto [other, added] = by_id_.try_emplace(row.id, rows_.size()); !added) {
      refuse(where, row.record,
             "already in record " + std::to_string(rows_[other->second].record) +
                 "; several labels stand in one field, separated by |: " + row.id);
    }
    rows_.push_back(std::move(row));
  }
  if (rows_.empty()) refuse(where, "holds no label");
}

LabelTable::LabelTable(std::vector<LabelRow> rows, const std::string& where) : where_(where), rows_(std::move(rows)) {
  for (size_t i = 0; i < rows_.size(); ++i) by_id_.emplace(rows_[i].id, i);
}

const LabelRow* LabelTable::find(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &rows_[found->second];
}

LabelTable read_label_table(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    throw Error(ErrorCode::kUsage, "--labels-csv: cannot read: " + file.string());
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return {text, "--labels-csv: " + file.string()};
}

}  // namespace smol
