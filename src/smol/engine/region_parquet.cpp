#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/arrow/reader.h>

#include "smol/base/error.h"
#include "smol/engine/region_table.h"

namespace smol {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorCode::kUsage, "--regions: " + file.string() + ": " + why);
}

void check(const std::filesystem::path& file, const arrow::Status& status) {
  if (!status.ok()) refuse(file, status.message());
}

template <typename T>
T checked(const std::filesystem::path& file, arrow::Result<T> result) {
  check(file, result.status());
  return std::move(result).ValueUnsafe();
}

}  // namespace

std::vector<RegionRow> read_region_parquet(const std::filesystem::path& file) {
  const auto input = checked(file, arrow::io::ReadableFile::Open(file.string()));
  const auto reader = checked(file, parquet::arrow::OpenFile(input, arrow::default_memory_pool()));
  const std::shared_ptr<arrow::Table> table = checked(file, reader->ReadTable());
  const auto column = [&](const char* name) {
    const auto found = table->GetColumnByName(name);
    if (!found) refuse(file, std::string("needs the columns id, x, y, w, h; there is no ") + name);
    return found;
  };
  const auto value = [&](const std::shared_ptr<arrow::ChunkedArray>& array, int64_t row) {
    return checked(file, array->GetScalar(row));
  };
  const auto number = [&](const char* name, const std::shared_ptr<arrow::ChunkedArray>& array, int64_t row) {
    const auto scalar = value(array, row);
    if (!arrow::is_integer(scalar->type->id()) || !scalar->is_valid)
      refuse(file, std::string(name) + " must be a whole number");
    return std::static_pointer_cast<arrow::Int64Scalar>(checked(file, scalar->CastTo(arrow::int64())))->value;
  };
  // Text as it is, also where it is stored once for many rows (pandas' categories); other types as they are written.
  const auto text = [&](const std::shared_ptr<arrow::ChunkedArray>& array, int64_t row) {
    std::shared_ptr<arrow::Scalar> scalar = value(array, row);
    if (scalar->type->id() == arrow::Type::DICTIONARY && scalar->is_valid) {
      scalar = checked(file, static_cast<const arrow::DictionaryScalar&>(*scalar).GetEncodedValue());
    }
    if (!scalar->is_valid) refuse(file, "id must not be null");
    if (!arrow::is_base_binary_like(scalar->type->id())) return scalar->ToString();
    return static_cast<const arrow::BaseBinaryScalar&>(*scalar).value->ToString();
  };
  const auto id = column("id");
  const auto x = column("x");
  const auto y = column("y");
  const auto w = column("w");
  const auto h = column("h");
  std::vector<RegionRow> rows(static_cast<size_t>(table->num_rows()));
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    rows[static_cast<size_t>(row)] = {text(id, row), number("x", x, row), number("y", y, row), number("w", w, row),
                                      number("h", h, row)};
  }
  return rows;
}

}  // namespace smol
