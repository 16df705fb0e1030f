// UTF-8 as Unicode 15 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace smol {

// The bytes of the character that `text` starts with (1 to 4); 0: `text` is empty or does not start with one.
size_t utf8_character_bytes(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace smol
