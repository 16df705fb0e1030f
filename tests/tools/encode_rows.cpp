// encode_rows FOLDER: known rows in every format and every kind of output, for tests/python/test_row_formats.py.
#include <cmath>
#include <fstream>
#include <iostream>

#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"

namespace {

using namespace smol;

constexpr int kRows = 20;

RowSchema schema_of(RowOutput output, bool has_labels) {
  RowSchema schema;
  schema.output = output;
  schema.topk = 3;
  schema.output_elements = 4;
  if (has_labels) schema.labels = {"tench", "goldfish, \"common\"", "größer", "caf\xE9"};
  schema.plan_id = "plan-1";
  return schema;
}

// Every fifth row is an error; the ids hold what readers stumble over.
std::vector<Row> rows_of(const RowSchema& schema) {
  const std::string ids[] = {"a.jpg",
                             "comma, quote\".jpg",
                             "line\nbreak.jpg",
                             "\xFF\xFE.jpg",
                             "größe 😀.jpg",
                             "tab\tcr\r.jpg",
                             " space .jpg",
                             "null",
                             "NaN",
                             "12"};
  std::vector<Row> rows;
  for (int i = 0; i < kRows; ++i) {
    Row row;
    row.item = static_cast<uint64_t>(i);
    row.id = ids[static_cast<size_t>(i) % std::size(ids)];
    row.path = "photos/" + row.id;
    row.ok = i % 5 != 4;
    if (i % 10 != 9) {  // the header of every other broken file can be read
      row.width = 500 + i;
      row.height = 375;
    }
    if (!row.ok) {
      row.error_code = ItemErrorCode::kCorrupt;
      row.error = "bad marker, \"0x00\"";
    } else if (schema.output == RowOutput::kTopK) {
      for (int rank = 0; rank < 3; ++rank) {
        row.classes.push_back((i + rank) % 4);
        row.values.push_back(1.0f / static_cast<float>(i + rank + 1));
      }
    } else {
      for (int k = 0; k < 4; ++k) row.values.push_back(0.1f * static_cast<float>(i * 4 + k));
      if (i == 1) row.values[2] = NAN;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void write(const std::string& folder, const std::string& name, const RowSchema& schema) {
  for (const RowFormat format : {RowFormat::kParquet, RowFormat::kJsonl, RowFormat::kCsv}) {
    const auto encoder = make_chunk_encoder(format, schema);
    const std::vector<std::byte> bytes = encoder->encode(rows_of(schema));
    std::ofstream(folder + "/" + name + encoder->extension(), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: encode_rows FOLDER\n";
    return 2;
  }
  write(argv[1], "labelled", schema_of(RowOutput::kTopK, true));
  write(argv[1], "unlabelled", schema_of(RowOutput::kTopK, false));
  write(argv[1], "logits", schema_of(RowOutput::kLogits, false));
  write(argv[1], "embedding", schema_of(RowOutput::kEmbedding, false));
  return 0;
}
