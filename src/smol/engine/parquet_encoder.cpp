#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/config.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"

namespace smol {
namespace {

void check(const arrow::Status& status) {
  if (!status.ok()) throw Error(ErrorCode::kFailed, "cannot encode Parquet: " + status.ToString());
}

template <typename T>
T checked(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueUnsafe();
}

class ParquetEncoder final : public ChunkEncoder {
 public:
  explicit ParquetEncoder(const RowSchema& schema) : schema_(schema), arrow_schema_(make_schema(schema)) {}

  std::string extension() const override { return ".parquet"; }

  std::vector<std::byte> encode(std::span<const Row> rows) override {
    std::vector<std::shared_ptr<arrow::Array>> columns = fixed_columns(rows);
    add_outputs(rows, columns);
    columns.push_back(text_column(rows, [&](const Row&) { return std::optional<std::string>(schema_.plan_id); }));
    const auto table = arrow::Table::Make(arrow_schema_, columns, static_cast<int64_t>(rows.size()));
    const auto sink = checked(arrow::io::BufferOutputStream::Create());
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    check(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink,
                                     std::max<int64_t>(1, table->num_rows()), properties, arrow_properties));
    const auto buffer = checked(sink->Finish());
    const auto* begin = reinterpret_cast<const std::byte*>(buffer->data());
    return {begin, begin + buffer->size()};
  }

 private:
  static std::shared_ptr<arrow::Schema> make_schema(const RowSchema& schema) {
    arrow::FieldVector fields = {
        arrow::field("item", arrow::int64(), false),  arrow::field("id", arrow::utf8(), false),
        arrow::field("path", arrow::utf8(), false),   arrow::field("rendition", arrow::utf8(), false),
        arrow::field("status", arrow::utf8(), false), arrow::field("error_code", arrow::utf8()),
        arrow::field("error", arrow::utf8()),         arrow::field("width", arrow::int32()),
        arrow::field("height", arrow::int32())};
    if (schema.output == RowOutput::kTopK) {
      for (int k = 1; k <= schema.topk; ++k) {
        const std::string suffix = "_" + std::to_string(k);
        fields.push_back(arrow::field("class" + suffix, arrow::int32()));
        if (!schema.labels.empty()) fields.push_back(arrow::field("label" + suffix, arrow::utf8()));
        fields.push_back(arrow::field("score" + suffix, arrow::float32()));
      }
    } else {
      const char* name = schema.output == RowOutput::kLogits ? "logits" : "embedding";
      fields.push_back(arrow::field(name, arrow::fixed_size_list(arrow::field("item", arrow::float32(), false),
                                                                 static_cast<int32_t>(schema.output_elements))));
    }
    fields.push_back(arrow::field("plan_id", arrow::utf8(), false));
    return arrow::schema(fields, arrow::key_value_metadata({"smol_rows", "smol_plan_id"}, {"1", schema.plan_id}));
  }

  template <typename Builder, typename ValueOf>
  static std::shared_ptr<arrow::Array> column(std::span<const Row> rows, ValueOf&& value_of) {
    Builder builder;
    for (const Row& row : rows) {
      const auto value = value_of(row);
      check(value ? builder.Append(*value) : builder.AppendNull());
    }
    return checked(builder.Finish());
  }
  template <typename ValueOf>
  static std::shared_ptr<arrow::Array> text_column(std::span<const Row> rows, ValueOf&& value_of) {
    return column<arrow::StringBuilder>(rows, std::forward<ValueOf>(value_of));
  }

  static std::vector<std::shared_ptr<arrow::Array>> fixed_columns(std::span<const Row> rows) {
    using Text = std::optional<std::string>;
    using Number = std::optional<int32_t>;
    return {column<arrow::Int64Builder>(
                rows, [](const Row& row) { return std::optional<int64_t>(static_cast<int64_t>(row.item)); }),
            text_column(rows, [](const Row& row) { return Text(utf8_or_escaped(row.id)); }),
            text_column(rows, [](const Row& row) { return Text(utf8_or_escaped(row.path)); }),
            text_column(rows, [](const Row& row) { return Text(row.rendition); }),
            text_column(rows, [](const Row& row) { return Text(row.ok ? "ok" : "error"); }),
            text_column(rows, [](const Row& row) { return row.ok ? Text() : Text(item_error_name(row.error_code)); }),
            text_column(rows, [](const Row& row) { return row.ok ? Text() : Text(utf8_or_escaped(row.error)); }),
            column<arrow::Int32Builder>(rows,
                                        [](const Row& row) { return row.width > 0 ? Number(row.width) : Number(); }),
            column<arrow::Int32Builder>(
                rows, [](const Row& row) { return row.height > 0 ? Number(row.height) : Number(); })};
  }

  void add_outputs(std::span<const Row> rows, std::vector<std::shared_ptr<arrow::Array>>& columns) const {
    if (schema_.output != RowOutput::kTopK) {
      columns.push_back(raw_outputs(rows));
      return;
    }
    for (size_t k = 0; k < static_cast<size_t>(schema_.topk); ++k) {
      using Text = std::optional<std::string>;
      columns.push_back(column<arrow::Int32Builder>(rows, [&](const Row& row) {
        return k < row.classes.size() ? std::optional<int32_t>(row.classes[k]) : std::nullopt;
      }));
      if (!schema_.labels.empty()) {
        columns.push_back(text_column(rows, [&](const Row& row) {
          return k < row.classes.size()
                     ? Text(utf8_or_escaped(schema_.labels.at(static_cast<size_t>(row.classes[k]))))
                     : Text();
        }));
      }
      columns.push_back(column<arrow::FloatBuilder>(rows, [&](const Row& row) {
        return k < row.values.size() ? std::optional<float>(row.values[k]) : std::nullopt;
      }));
    }
  }

  std::shared_ptr<arrow::Array> raw_outputs(std::span<const Row> rows) const {
    const auto values = std::make_shared<arrow::FloatBuilder>();
    const auto elements = static_cast<size_t>(schema_.output_elements);
    const std::vector<float> nothing(elements);
    arrow::TypedBufferBuilder<bool> valid;
    int64_t nulls = 0;
    for (const Row& row : rows) {
      check(valid.Append(row.ok));
      nulls += row.ok ? 0 : 1;
      check(values->AppendValues(row.ok ? row.values.data() : nothing.data(), static_cast<int64_t>(elements)));
    }
    const auto type = arrow_schema_->field(arrow_schema_->num_fields() - 2)->type();
    return std::make_shared<arrow::FixedSizeListArray>(type, static_cast<int64_t>(rows.size()),
                                                       checked(values->Finish()), checked(valid.Finish()), nulls);
  }

  const RowSchema schema_;
  const std::shared_ptr<arrow::Schema> arrow_schema_;
};

}  // namespace

std::unique_ptr<ChunkEncoder> make_parquet_encoder(const RowSchema& schema) {
  return std::make_unique<ParquetEncoder>(schema);
}

std::string parquet_library_version() { return std::string("arrow ") + ARROW_VERSION_STRING; }

}  // namespace smol
