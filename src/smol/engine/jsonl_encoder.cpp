// JSON lines: one object a row, every column in every line, so that a reader sees the schema in any line.
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/json_text.h"
#include "smol/engine/row_cells.h"

namespace smol {
namespace {

struct AppendJson {
  std::string& out;
  void operator()(Null) const { out += "null"; }
  void operator()(int64_t value) const { out += std::to_string(value); }
  void operator()(float value) const { append_json_number(out, value); }
  void operator()(double value) const { append_json_number(out, value); }
  void operator()(std::string_view text) const { append_json_string(out, text); }
  void operator()(std::span<const float> values) const { append_json_array(out, values); }
};

class JsonlEncoder final : public ChunkEncoder {
 public:
  explicit JsonlEncoder(const RowSchema& schema) : cells_(schema) {}

  std::vector<std::byte> encode(std::span<const Row> rows) override {
    text_.clear();
    for (const Row& row : rows) {
      const std::vector<Cell>& cells = cells_.cells_of(row);
      for (size_t i = 0; i < cells.size(); ++i) {
        text_ += i == 0 ? "{\"" : ",\"";
        text_ += cells_.columns()[i].name;
        text_ += "\":";
        std::visit(AppendJson{text_}, cells[i]);
      }
      text_ += "}\n";
    }
    const auto bytes = std::as_bytes(std::span(text_));
    return {bytes.begin(), bytes.end()};
  }

  std::string extension() const override { return ".jsonl"; }

 private:
  RowCells cells_;
  std::string text_;  // reused
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_jsonl_encoder(const RowSchema& schema) {
  return std::make_unique<JsonlEncoder>(schema);
}

}  // namespace smol
