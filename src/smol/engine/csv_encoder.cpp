#include "smol/engine/chunk_encoder.h"
#include "smol/engine/row_cells.h"

namespace smol {
namespace {

// RFC 4180: a cell with a separator, a quote or a line end is quoted, quotes are doubled.
void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
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

struct CsvCells {
  std::string& out;
  bool first = true;
  void separate() {
    if (!first) out += ',';
    first = false;
  }
  void text(std::string_view, std::string_view value) {
    separate();
    append_cell(out, value);
  }
  void integer(std::string_view, int64_t value) {
    separate();
    out += std::to_string(value);
  }
  void real(std::string_view, float value) {
    separate();
    if (std::isfinite(value)) append_real(out, value);  // else empty, as null
  }
  void reals(std::string_view, std::span<const float> values) {
    separate();
    std::string list;
    append_reals(list, values);
    append_cell(out, list);
  }
  void null(std::string_view) { separate(); }
};

// The header: the names of the cells of any row.
struct CsvNames {
  std::string& out;
  bool first = true;
  void add(std::string_view name) {
    if (!first) out += ',';
    first = false;
    append_cell(out, name);
  }
  void text(std::string_view name, std::string_view) { add(name); }
  void integer(std::string_view name, int64_t) { add(name); }
  void real(std::string_view name, float) { add(name); }
  void reals(std::string_view name, std::span<const float>) { add(name); }
  void null(std::string_view name) { add(name); }
};

class CsvEncoder final : public ChunkEncoder {
 public:
  explicit CsvEncoder(const RowSchema& schema) : schema_(schema) {}
  std::string extension() const override { return ".csv"; }
  std::vector<std::byte> encode(std::span<const Row> rows) override {
    std::string out;
    CsvNames names{out};
    visit_cells(schema_, Row{}, names);
    out += "\r\n";
    for (const Row& row : rows) {
      CsvCells cells{out};
      visit_cells(schema_, row, cells);
      out += "\r\n";
    }
    const auto bytes = std::as_bytes(std::span(out));
    return {bytes.begin(), bytes.end()};
  }

 private:
  const RowSchema schema_;
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_csv_encoder(const RowSchema& schema) {
  return std::make_unique<CsvEncoder>(schema);
}

}  // namespace smol
