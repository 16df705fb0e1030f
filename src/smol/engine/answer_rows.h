// From the outputs of a batch to answer rows: top-k, softmax or raw.
#pragma once

#include <cstdint>
#include <vector>

#include "smol/engine/batch_ring.h"
#include "smol/engine/item_source.h"
#include "smol/engine/row.h"

namespace smol {

struct AnswerOptions {
  RowOutput output = RowOutput::kTopK;
  int topk = 5;
  bool softmax = false;
  int64_t output_elements = 0;
};

// Not thread-safe.
class AnswerRows {
 public:
  explicit AnswerRows(AnswerOptions options) : options_(options) {}
  // One row a valid slot row (or an error row each, if the batch failed). Returns how many rows were padding.
  uint64_t emit(BatchSlot& slot, int64_t batch_size, RowSink& sink);

 private:
  AnswerOptions options_;
};

}  // namespace smol
