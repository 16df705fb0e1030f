// The cells of a row in the order of the schema, for the text formats: one place decides columns, nulls and escaping.
#pragma once

#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "smol/engine/chunk_encoder.h"

namespace smol {

// Calls, in column order, one of: visitor.text(name, view), visitor.integer(name, value), visitor.real(name, value),
// visitor.reals(name, span), visitor.null(name).
template <typename Visitor>
void visit_cells(const RowSchema& schema, const Row& row, Visitor& visitor) {
  visitor.integer("item", static_cast<int64_t>(row.item));
  visitor.text("id", utf8_or_escaped(row.id));
  visitor.text("path", utf8_or_escaped(row.path));
  visitor.text("rendition", row.rendition);
  visitor.text("status", row.ok ? "ok" : "error");
  if (row.ok) {
    visitor.null("error_code");
    visitor.null("error");
  } else {
    visitor.text("error_code", item_error_name(row.error_code));
    visitor.text("error", utf8_or_escaped(row.error));
  }
  row.width > 0 ? visitor.integer("width", row.width) : visitor.null("width");
  row.height > 0 ? visitor.integer("height", row.height) : visitor.null("height");
  if (schema.output == RowOutput::kTopK) {
    for (size_t k = 0; k < static_cast<size_t>(schema.topk); ++k) {
      const std::string suffix = "_" + std::to_string(k + 1);
      const bool known = k < row.classes.size();
      known ? visitor.integer("class" + suffix, row.classes[k]) : visitor.null("class" + suffix);
      if (!schema.labels.empty()) {
        known ? visitor.text("label" + suffix, utf8_or_escaped(schema.labels.at(static_cast<size_t>(row.classes[k]))))
              : visitor.null("label" + suffix);
      }
      known ? visitor.real("score" + suffix, row.values[k]) : visitor.null("score" + suffix);
    }
  } else {
    const char* name = schema.output == RowOutput::kLogits ? "logits" : "embedding";
    row.ok ? visitor.reals(name, row.values) : visitor.null(name);
  }
  visitor.text("plan_id", schema.plan_id);
}

// Shortest text that reads back as the same f32. JSON knows neither NaN nor infinity: null.
inline void append_real(std::string& out, float value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

inline void append_reals(std::string& out, std::span<const float> values) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_real(out, values[i]);
  }
  out += ']';
}

}  // namespace smol
