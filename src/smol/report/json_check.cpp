#include "smol/report/json_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr int kDeepest = 64;  // nlohmann's dump() recurses
constexpr size_t kLongestShown = 80;

std::string place(const std::string& where, const char* key) { return where + "." + key; }

}  // namespace

void refuse(const std::string& where, const std::string& why) { throw Error(ErrorCode::kUsage, where + ": " + why); }

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "...";
  return text;
}

Json parse_object(std::string_view text, const std::string& where) {
  bool is_too_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest) is_too_deep = true;
    return !is_too_deep;
  };
  Json json = Json::parse(text, watch_depth, false);
  if (is_too_deep) refuse(where, fmt::format("nested deeper than {} levels", kDeepest));
  if (json.is_discarded()) refuse(where, "not valid JSON");
  if (!json.is_object()) refuse(where, "not a JSON object");
  return json;
}

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

void check_text(const Json& object, const char* key, const std::string& where) {
  const Json* value = member(object, key);
  if (value != nullptr && !value->is_string()) refuse(place(where, key), "not text: " + shown(*value));
}

void check_flag(const Json& object, const char* key, const std::string& where) {
  const Json* value = member(object, key);
  if (value != nullptr && !value->is_boolean()) refuse(place(where, key), "neither true nor false: " + shown(*value));
}

void check_number(const Json& object, const char* key, double low, double high, const std::string& where) {
  const Json* value = member(object, key);
  if (value == nullptr) return;
  if (!value->is_number()) refuse(place(where, key), "not a number: " + shown(*value));
  const double number = value->get<double>();
  if (number >= low && number <= high) return;
  if (high == kAnyNumber) refuse(place(where, key), fmt::format("less than {}: {}", low, shown(*value)));
  refuse(place(where, key), fmt::format("not in {} to {}: {}", low, high, shown(*value)));
}

void check_one_of(const Json& object, const char* key, std::initializer_list<std::string_view> allowed,
                  const std::string& where) {
  check_text(object, key, where);
  const Json* value = member(object, key);
  if (value == nullptr || std::ranges::find(allowed, value->get_ref<const std::string&>()) != allowed.end()) return;
  refuse(place(where, key), fmt::format("not one of {}: {}", fmt::join(allowed, ", "), shown(*value)));
}

const Json* check_object(const Json& object, const char* key, const std::string& where) {
  const Json* value = member(object, key);
  if (value != nullptr && !value->is_object()) refuse(place(where, key), "not an object: " + shown(*value));
  return value;
}

const Json* check_array(const Json& object, const char* key, const std::string& where) {
  const Json* value = member(object, key);
  if (value != nullptr && !value->is_array()) refuse(place(where, key), "not a list: " + shown(*value));
  return value;
}

std::string needed_text(const Json& object, const char* key, const std::string& where) {
  check_text(object, key, where);
  const Json* value = member(object, key);
  if (value == nullptr || value->get_ref<const std::string&>().empty()) refuse(place(where, key), "missing");
  return value->get<std::string>();
}

}  // namespace smol
