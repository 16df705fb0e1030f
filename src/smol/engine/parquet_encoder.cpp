// Parquet through Arrow: one row group a part. The only file that includes Arrow.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/config.h>
#include <parquet/arrow/writer.h>

#include <algorithm>

#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/row_cells.h"

namespace smol {
namespace {

constexpr char kSchemaVersion[] = "1";  // of the columns (docs/rows.md)

void check(const arrow::Status& status) {
  if (!status.ok()) throw Error(ErrorCode::kFailed, "cannot encode Parquet: " + status.ToString());
}

template <typename T>
T checked(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueUnsafe();
}

std::shared_ptr<arrow::DataType> arrow_type(ColumnType type, const RowSchema& schema) {
  switch (type) {
    case ColumnType::kInt64: return arrow::int64();
    case ColumnType::kInt32: return arrow::int32();
    case ColumnType::kFloat: return arrow::float32();
    case ColumnType::kDouble: return arrow::float64();
    case ColumnType::kText: return arrow::utf8();
    case ColumnType::kFloatList:
      return arrow::fixed_size_list(arrow::field("element", arrow::float32()),
                                    static_cast<int32_t>(schema.output_elements));
  }
  throw Error(ErrorCode::kFailed, "unknown column type");
}

std::shared_ptr<arrow::Schema> arrow_schema(const std::vector<Column>& columns, const RowSchema& schema) {
  // Columns without a value for some rows say so; the others are required.
  constexpr std::string_view kNeverNull[] = {"item", "id", "path", "rendition", "status", "plan_id"};
  arrow::FieldVector fields;
  for (const Column& column : columns) {
    const bool nullable =
        std::find(std::begin(kNeverNull), std::end(kNeverNull), column.name) == std::end(kNeverNull);
    fields.push_back(arrow::field(column.name, arrow_type(column.type, schema), nullable));
  }
  const auto metadata = arrow::key_value_metadata({"smol.schema_version", "smol.plan_id"},
                                                  {kSchemaVersion, utf8_or_escaped(schema.plan_id)});
  return arrow::schema(std::move(fields), metadata);
}

struct AppendArrow {
  arrow::ArrayBuilder& builder;
  ColumnType type;

  arrow::Status operator()(Null) const { return builder.AppendNull(); }
  arrow::Status operator()(int64_t value) const {
    if (type == ColumnType::kInt64) return static_cast<arrow::Int64Builder&>(builder).Append(value);
    return static_cast<arrow::Int32Builder&>(builder).Append(static_cast<int32_t>(value));
  }
  arrow::Status operator()(float value) const { return static_cast<arrow::FloatBuilder&>(builder).Append(value); }
  arrow::Status operator()(double value) const { return static_cast<arrow::DoubleBuilder&>(builder).Append(value); }
  arrow::Status operator()(std::string_view text) const {
    return static_cast<arrow::StringBuilder&>(builder).Append(text);
  }
  arrow::Status operator()(std::span<const float> values) const {
    auto& list = static_cast<arrow::FixedSizeListBuilder&>(builder);
    ARROW_RETURN_NOT_OK(list.Append());
    return static_cast<arrow::FloatBuilder&>(*list.value_builder())
        .AppendValues(values.data(), static_cast<int64_t>(values.size()));
  }
};

class ParquetEncoder final : public ChunkEncoder {
 public:
  explicit ParquetEncoder(const RowSchema& schema) : cells_(schema), schema_(arrow_schema(cells_.columns(), schema)) {
    parquet::WriterProperties::Builder properties;
    properties.compression(parquet::Compression::ZSTD)->compression_level(1);
    for (const Column& column : cells_.columns()) {
      // What hardly repeats: a dictionary would only cost time.
      const bool is_unique = column.type == ColumnType::kFloat || column.type == ColumnType::kDouble ||
                             column.name == "id" || column.name == "path";
      if (is_unique) properties.disable_dictionary(column.name);
      if (column.type == ColumnType::kFloatList) properties.disable_dictionary(column.name + ".list.element");
    }
    properties_ = properties.build();
    // Keeps what Parquet itself cannot say, the fixed length of a list, for readers that know Arrow.
    arrow_properties_ = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  }

  std::vector<std::byte> encode(std::span<const Row> rows) override {
    const auto table = arrow::Table::Make(schema_, arrays_of(rows), static_cast<int64_t>(rows.size()));
    const auto stream = checked(arrow::io::BufferOutputStream::Create());
    const int64_t row_group_rows = std::max<int64_t>(table->num_rows(), 1);
    check(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, row_group_rows, properties_,
                                     arrow_properties_));
    const auto buffer = checked(stream->Finish());
    const auto bytes = std::as_bytes(std::span(buffer->data(), static_cast<size_t>(buffer->size())));
    return {bytes.begin(), bytes.end()};
  }

  std::string extension() const override { return ".parquet"; }

 private:
  arrow::ArrayVector arrays_of(std::span<const Row> rows) {
    std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders;
    for (const auto& field : schema_->fields()) builders.push_back(checked(arrow::MakeBuilder(field->type())));
    for (const Row& row : rows) {
      const std::vector<Cell>& cells = cells_.cells_of(row);
      for (size_t i = 0; i < cells.size(); ++i) {
        check(std::visit(AppendArrow{*builders[i], cells_.columns()[i].type}, cells[i]));
      }
    }
    arrow::ArrayVector arrays;
    for (const auto& builder : builders) arrays.push_back(checked(builder->Finish()));
    return arrays;
  }

  RowCells cells_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<parquet::WriterProperties> properties_;
  std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties_;
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_parquet_encoder(const RowSchema& schema) {
  return std::make_unique<ParquetEncoder>(schema);
}

std::string parquet_library_version() { return std::string("arrow ") + ARROW_VERSION_STRING; }

}  // namespace smol
