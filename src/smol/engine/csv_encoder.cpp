// CSV: RFC 4180 quoting, lines end with LF, a header in every part. Null is an empty field, the empty text is "".
#include <cmath>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/json_text.h"
#include "smol/engine/row_cells.h"

namespace smol {
namespace {

void append_csv_text(std::string& out, std::string_view text) {
  // Spaces at the ends are data (RFC 4180 §2.4), but some readers trim them outside quotes.
  const bool quoted =
      text.empty() || text.find_first_of(",\"\r\n") != text.npos || text.front() == ' ' || text.back() == ' ';
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

struct AppendCsv {
  std::string& out;
  void operator()(Null) const {}
  void operator()(int64_t value) const { out += std::to_string(value); }
  void operator()(float value) const {
    if (std::isfinite(value)) append_json_number(out, value);  // else null, as in JSON lines
  }
  void operator()(double value) const {
    if (std::isfinite(value)) append_json_number(out, value);
  }
  void operator()(std::string_view text) const { append_csv_text(out, text); }
  void operator()(std::span<const float> values) const {
    out += '"';  // digits, commas and brackets: nothing to double inside
    append_json_array(out, values);
    out += '"';
  }
};

class CsvEncoder final : public ChunkEncoder {
 public:
  explicit CsvEncoder(const RowSchema& schema) : cells_(schema) {}

  std::vector<std::byte> encode(std::span<const Row> rows) override {
    text_.clear();
    for (size_t i = 0; i < cells_.columns().size(); ++i) {
      if (i > 0) text_ += ',';
      text_ += cells_.columns()[i].name;
    }
    text_ += '\n';
    for (const Row& row : rows) {
      const std::vector<Cell>& cells = cells_.cells_of(row);
      for (size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) text_ += ',';
        std::visit(AppendCsv{text_}, cells[i]);
      }
      text_ += '\n';
    }
    const auto bytes = std::as_bytes(std::span(text_));
    return {bytes.begin(), bytes.end()};
  }

  std::string extension() const override { return ".csv"; }

 private:
  RowCells cells_;
  std::string text_;  // reused
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_csv_encoder(const RowSchema& schema) {
  return std::make_unique<CsvEncoder>(schema);
}

}  // namespace smol
