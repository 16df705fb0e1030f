// labels.csv: what the items of a calibration set show (docs/evaluation.md).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smol {

struct LabelRow {
  std::string id;                   // of the item
  std::vector<std::string> labels;  // any of them is right: class indices or names, or one number; at least one
  std::string group;                // items of a group are not independent; empty: none
  size_t record = 0;                // in the file, the header is 1
};

class LabelTable {
 public:
  // CSV (RFC 4180) with a header that has id and label, and perhaps group, in any order; other columns are left
  // alone. Several labels in one field are separated by |. `where` names the file in errors. Throws Error(kUsage),
  // one line with the record: a column is missing or there twice, too few or too many fields, no id, no label, an id
  // twice, a quote that is not closed, no record at all.
  LabelTable(std::string_view text, const std::string& where);

  // Rows from elsewhere; ids are different from each other.
  LabelTable(std::vector<LabelRow> rows, const std::string& where);

  const std::vector<LabelRow>& rows() const { return rows_; }
  const LabelRow* find(const std::string& id) const;  // null: none
  bool has_groups() const { return has_groups_; }
  const std::string& where() const { return where_; }

 private:
  std::string where_;
  std::vector<LabelRow> rows_;
  std::unordered_map<std::string, size_t> by_id_;
  bool has_groups_ = false;
};

LabelTable read_label_table(const std::filesystem::path& file);  // throws Error(kUsage) as above, or: cannot be read

}  // namespace smol
