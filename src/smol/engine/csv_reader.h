// Splits RFC 4180 text into records: region tables, label tables.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace smol {

// Quoted fields may hold separators, doubled quotes and line ends; a byte order mark and carriage returns outside
// quotes are left out. `text` has to live as long as the reader.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);
  // false at the end. An empty line is a record with one empty field.
  bool next(std::vector<std::string>& fields);
  // The record last read has a quote that nothing closes: it swallowed the rest of the file.
  bool is_cut_off() const { return is_cut_off_; }
  size_t record() const { return record_; }  // of the one last read; the header is 1

 private:
  std::string_view rest_;
  size_t record_ = 0;
  bool is_cut_off_ = false;
};

}  // namespace smol
