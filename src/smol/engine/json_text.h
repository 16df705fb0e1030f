// Pieces of JSON text, appended to a string.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace smol {

void append_json_string(std::string& out, std::string_view utf8);  // with quotes; control characters escaped

// The shortest text that reads back as the same number; "null" for NaN and infinities, which JSON does not have.
void append_json_number(std::string& out, float value);
void append_json_number(std::string& out, double value);
void append_json_array(std::string& out, std::span<const float> values);

}  // namespace smol
