// Strict reading of JSON that people may have edited: bounded depth, and errors that name the file and the place.
//
// Private to report/: only its .cpp files include this.
#pragma once

#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace smol {

using Json = nlohmann::ordered_json;

constexpr double kAnyNumber = std::numeric_limits<double>::max();

// Throws Error(kUsage).
[[noreturn]] void refuse(const std::string& where, const std::string& why);

// Value for a message: one short line.
std::string shown(const Json& value);

// Throws Error(kUsage) unless it is an object, nested no deeper than people write.
Json parse_object(std::string_view text, const std::string& where);

// The member, or nullptr if it is absent or null.
const Json* member(const Json& object, const char* key);

// Each throws Error(kUsage) if the member is there and is not what it must be.
void check_text(const Json& object, const char* key, const std::string& where);
void check_flag(const Json& object, const char* key, const std::string& where);
void check_number(const Json& object, const char* key, double low, double high, const std::string& where);
void check_one_of(const Json& object, const char* key, std::initializer_list<std::string_view> allowed,
                  const std::string& where);
const Json* check_object(const Json& object, const char* key, const std::string& where);
const Json* check_array(const Json& object, const char* key, const std::string& where);
// The member must be there and not be empty.
std::string needed_text(const Json& object, const char* key, const std::string& where);

}  // namespace smol
