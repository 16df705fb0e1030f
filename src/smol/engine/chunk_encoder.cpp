#include "smol/engine/chunk_encoder.h"

#include "smol/base/error.h"

namespace smol {

std::unique_ptr<ChunkEncoder> make_chunk_encoder(RowFormat format, const RowSchema& schema) {
  switch (format) {
    case RowFormat::kParquet: return make_parquet_encoder(schema);
    case RowFormat::kJsonl: return make_jsonl_encoder(schema);
    case RowFormat::kCsv: return make_csv_encoder(schema);
  }
  throw Error(ErrorCode::kUsage, "unknown row format: " + std::to_string(static_cast<int>(format)));
}

}  // namespace smol
