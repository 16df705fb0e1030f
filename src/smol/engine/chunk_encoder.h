// Rows of one chunk to the bytes of one part file: Parquet, JSON lines, CSV.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smol/engine/row.h"

namespace smol {

enum class RowFormat : uint8_t { kParquet, kJsonl, kCsv };

// Deterministic: the same rows give the same bytes. One object a thread.
class ChunkEncoder {
 public:
  virtual ~ChunkEncoder() = default;
  virtual std::vector<std::byte> encode(std::span<const Row> rows) = 0;  // throws Error(kFailed)
  virtual std::string extension() const = 0;                             // ".parquet"
};

std::unique_ptr<ChunkEncoder> make_chunk_encoder(RowFormat format, const RowSchema& schema);
std::unique_ptr<ChunkEncoder> make_parquet_encoder(const RowSchema& schema);
std::string parquet_library_version();  // "arrow 26.0.1"
std::unique_ptr<ChunkEncoder> make_jsonl_encoder(const RowSchema& schema);
std::unique_ptr<ChunkEncoder> make_csv_encoder(const RowSchema& schema);

// Valid UTF-8 unchanged; every byte that is not part of valid UTF-8 becomes \xHH.
std::string utf8_or_escaped(std::string_view bytes);

}  // namespace smol
