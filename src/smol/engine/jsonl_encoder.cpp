#include "smol/engine/chunk_encoder.h"
#include "smol/engine/row_cells.h"

namespace smol {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

struct JsonCells {
  std::string& out;
  void key(std::string_view name) {
    if (out.back() != '{') out += ',';
    append_quoted(out, name);
    out += ':';
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_quoted(out, value);
  }
  void integer(std::string_view name, int64_t value) {
    key(name);
    out += std::to_string(value);
  }
  void real(std::string_view name, float value) {
    key(name);
    append_real(out, value);
  }
  void reals(std::string_view name, std::span<const float> values) {
    key(name);
    append_reals(out, values);
  }
  void null(std::string_view name) {
    key(name);
    out += "null";
  }
};

class JsonlEncoder final : public ChunkEncoder {
 public:
  explicit JsonlEncoder(const RowSchema& schema) : schema_(schema) {}
  std::string extension() const override { return ".jsonl"; }
  std::vector<std::byte> encode(std::span<const Row> rows) override {
    std::string out;
    for (const Row& row : rows) {
      out += '{';
      JsonCells cells{out};
      visit_cells(schema_, row, cells);
      out += "}\n";
    }
    const auto bytes = std::as_bytes(std::span(out));
    return {bytes.begin(), bytes.end()};
  }

 private:
  const RowSchema schema_;
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_jsonl_encoder(const RowSchema& schema) {
  return std::make_unique<JsonlEncoder>(schema);
}

}  // namespace smol
