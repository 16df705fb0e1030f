// One answer row an item, and the schema of a run's rows (docs/rows.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/base/result.h"

namespace smol {

enum class RowOutput : uint8_t { kTopK, kLogits, kEmbedding };

struct RowSchema {
  RowOutput output = RowOutput::kTopK;
  int topk = 5;                     // kTopK: columns class_1, label_1, score_1, ... class_k, label_k, score_k
  int64_t output_elements = 0;      // kLogits, kEmbedding: one fixed-size list column `logits` or `embedding`
  std::vector<std::string> labels;  // by class index; empty: no label columns
  bool regions = false;             // columns region_x, region_y, region_w, region_h behind height
  bool frames = false;              // columns frame, timestamp behind that
  std::string plan_id;
};

// Columns: item (int64), id, path (UTF-8; other bytes as \xHH), rendition, status (ok | error), error_code, error
// (null when ok), width, height (as displayed; null when the header could not be read), the outputs (null when
// error), plan_id.
struct Row {
  uint64_t item = 0;               // ordinal in the run's input list
  std::string id;                  // relative to the input folder, the path as listed, or a dataset's id
  std::string path;                // what was opened
  std::string rendition = "full";  // which stored form was opened
  bool ok = false;
  ItemErrorCode error_code = ItemErrorCode::kReadFailed;
  std::string error;
  int width = 0;  // 0: unknown
  int height = 0;
  std::optional<Rect> region;    // the part of the picture that this row is about
  std::optional<int64_t> frame;  // of a video: its number
  double timestamp = 0;          // and when it is shown, in seconds
  std::vector<int32_t> classes;  // kTopK: class indices, best first (ties: lower index first)
  std::vector<float> values;     // kTopK: their scores; otherwise the raw outputs
};

}  // namespace smol
