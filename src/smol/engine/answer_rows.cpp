#include "smol/engine/answer_rows.h"

#include "smol/engine/item_row.h"
#include "smol/infer/top_k.h"

namespace smol {

uint64_t AnswerRows::emit(BatchSlot& slot, int64_t batch_size, RowSink& sink) {
  auto padded = static_cast<uint64_t>(batch_size - slot.used_rows);
  for (int i = 0; i < slot.used_rows; ++i) {
    const SlotRow& source = slot.rows[static_cast<size_t>(i)];
    if (!source.valid) {
      ++padded;
      continue;
    }
    Row row = row_of(source.item, source.displayed);
    if (slot.status.ok()) {
      row.ok = true;
      const auto elements = static_cast<size_t>(options_.output_elements);
      const std::span<float> output(slot.output.data() + static_cast<size_t>(i) * elements, elements);
      if (options_.softmax) softmax_in_place(output);
      if (options_.output == RowOutput::kTopK) {
        top_k(output, options_.topk, row.classes, row.values);
      } else {
        row.values.assign(output.begin(), output.end());
      }
    } else {
      row.error_code = slot.status.error().code;
      row.error = slot.status.error().message;
    }
    sink.add(std::move(row));
  }
  return padded;
}

}  // namespace smol
