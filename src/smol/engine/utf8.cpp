#include "smol/engine/utf8.h"

#include <cstdint>
#include <string>

#include "smol/engine/chunk_encoder.h"

namespace smol {
namespace {

bool is_between(char byte, unsigned low, unsigned high) {
  const auto value = static_cast<unsigned char>(byte);
  return low <= value && value <= high;
}

}  // namespace

size_t utf8_character_bytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < bytes) return 0;
  // The second byte's range excludes overlong forms (E0, F0), surrogates (ED) and what is above U+10FFFF (F4).
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (!is_between(text[1], low, high)) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if (!is_between(text[i], 0x80, 0xBF)) return 0;
  }
  return bytes;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string utf8_or_escaped(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t valid = utf8_character_bytes(bytes);
    if (valid > 0) {
      text.append(bytes.substr(0, valid));
      bytes.remove_prefix(valid);
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[0]);
    text.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
    bytes.remove_prefix(1);
  }
  return text;
}

}  // namespace smol
