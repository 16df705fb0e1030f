#include "smol/engine/chunk_encoder.h"

namespace smol {
namespace {

// Length of the valid UTF-8 sequence at the start of `bytes`; 0 if there is none (overlong forms, surrogates, stray
// bytes).
size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string utf8_or_escaped(std::string_view bytes) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    if (length > 0) {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    } else {
      const auto byte = static_cast<unsigned char>(bytes[0]);
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
      bytes.remove_prefix(1);
    }
  }
  return text;
}

std::unique_ptr<ChunkEncoder> make_chunk_encoder(RowFormat format, const RowSchema& schema) {
  switch (format) {
    case RowFormat::kParquet: return make_parquet_encoder(schema);
    case RowFormat::kJsonl: return make_jsonl_encoder(schema);
    case RowFormat::kCsv: return make_csv_encoder(schema);
  }
  return nullptr;
}

}  // namespace smol
