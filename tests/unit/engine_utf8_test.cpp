#include <gtest/gtest.h>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/utf8.h"

namespace smol {
namespace {

TEST(Utf8, ValidTextStaysAsItIs) {
  for (const std::string text : {"", "plain", "Füße 照片 😀", "back\\slash \\xFF", "\x7F\x01"}) {
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(utf8_or_escaped(text), text);
  }
}

TEST(Utf8, EveryByteOutsideValidUtf8IsEscaped) {
  EXPECT_EQ(utf8_or_escaped("\xFF"), "\\xFF");
  EXPECT_EQ(utf8_or_escaped("caf\xE9.jpg"), "caf\\xE9.jpg");               // Latin-1
  EXPECT_EQ(utf8_or_escaped("\xC0\xAF"), "\\xC0\\xAF");                    // overlong '/'
  EXPECT_EQ(utf8_or_escaped("\xE0\x80\xAF"), "\\xE0\\x80\\xAF");           // overlong
  EXPECT_EQ(utf8_or_escaped("\xED\xA0\x80"), "\\xED\\xA0\\x80");           // surrogate
  EXPECT_EQ(utf8_or_escaped("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(utf8_or_escaped("\xF0\x9F\x98"), "\\xF0\\x9F\\x98");           // cut off
  EXPECT_EQ(utf8_or_escaped("\xC3\xC3\xBC\xBC"), "\\xC3\xC3\xBC\\xBC");    // a good one between bad ones
}

// The slow twin: encode every code point as the standard's table says, and compare with what is accepted.
std::string encoded(uint32_t code_point) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0 | code_point >> 6), byte(0x80 | (code_point & 63))};
  if (code_point < 0x10000) {
    return {byte(0xE0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 63)), byte(0x80 | (code_point & 63))};
  }
  return {byte(0xF0 | code_point >> 18), byte(0x80 | (code_point >> 12 & 63)), byte(0x80 | (code_point >> 6 & 63)),
          byte(0x80 | (code_point & 63))};
}

TEST(Utf8, AcceptsExactlyTheUnicodeScalarValues) {
  for (uint32_t code_point = 0; code_point < 0x1FFFFF; ++code_point) {
    const bool is_scalar = code_point < 0x110000 && !(0xD800 <= code_point && code_point < 0xE000);
    const std::string text = encoded(code_point);
    ASSERT_EQ(utf8_character_bytes(text), is_scalar ? text.size() : 0) << code_point;
  }
}

}  // namespace
}  // namespace smol
