// What becomes of an answer: the best k of a model's outputs, and the bytes of its row.
#pragma once

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/row.h"

namespace smol {

struct SinkCase {
  RowFormat format = RowFormat::kParquet;
  RowSchema schema;  // with output and output_elements
  bool softmax = false;
};

// CPU seconds a row, over one chunk of `rows` rows with seeded answers. Writing to the disk is not in it.
double measure_sink(const SinkCase& sink, uint64_t rows = 4096);

}  // namespace smol
