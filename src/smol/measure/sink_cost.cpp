#include "smol/measure/sink_cost.h"

#include <fmt/format.h>

#include <vector>

#include "smol/base/clock.h"
#include "smol/base/hash.h"
#include "smol/infer/top_k.h"

namespace smol {

double measure_sink(const SinkCase& sink, uint64_t rows) {
  constexpr size_t kDistinctOutputs = 64;  // drawing them is not what is measured
  const auto elements = static_cast<size_t>(sink.schema.output_elements);
  std::vector<std::vector<float>> drawn(kDistinctOutputs, std::vector<float>(elements));
  for (size_t i = 0; i < drawn.size(); ++i) {
    for (size_t k = 0; k < elements; ++k) {
      drawn[i][k] = static_cast<float>(mix64(i * elements + k) >> 40) * (8.0f / static_cast<float>(1 << 24)) - 4.0f;
    }
  }
  std::vector<Row> made(rows);
  std::vector<float> output;
  const std::unique_ptr<ChunkEncoder> encoder = make_chunk_encoder(sink.format, sink.schema);
  const int64_t start = thread_cpu_ns();
  for (uint64_t i = 0; i < rows; ++i) {
    Row& row = made[i];
    row.item = i;
    row.id = fmt::format("folder/{:08}.jpg", i);
    row.path = row.id;
    row.ok = true;
    row.width = 500;
    row.height = 375;
    output = drawn[i % drawn.size()];
    if (sink.softmax) softmax_in_place(output);
    if (sink.schema.output == RowOutput::kTopK) {
      top_k(output, sink.schema.topk, row.classes, row.values);
    } else {
      row.values = output;
    }
  }
  static_cast<void>(encoder->encode(made));
  return static_cast<double>(thread_cpu_ns() - start) * 1e-9 / static_cast<double>(rows);
}

}  // namespace smol
