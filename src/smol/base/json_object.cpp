#include "smol/base/json_object.h"

#include <fmt/format.h>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr int kDeepest = 64;  // dump() recurses

std::string shortened(const Json& value) {
  constexpr size_t kLongest = 60;
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

}  // namespace

ObjectReader::ObjectReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json.is_object()) throw Error(ErrorCode::kUsage, where_ + " must be an object");
}

void ObjectReader::allow_only(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, value] : json_.items()) {
    bool known = false;
    std::string allowed;
    for (const std::string_view candidate : keys) {
      known = known || key == candidate;
      allowed += (allowed.empty() ? "" : ", ") + std::string(candidate);
    }
    if (!known) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("{} has an unknown key (allowed: {}): {}", where_, allowed, shortened(Json(key))));
    }
  }
}

const Json& ObjectReader::at(const char* key) const {
  if (!has(key)) throw Error(ErrorCode::kUsage, fmt::format("{} lacks the key: {}", where_, key));
  return json_.at(key);
}

const Json& ObjectReader::list(const char* key) const {
  const Json& value = at(key);
  if (!value.is_array()) wrong(key, "must be a list", value);
  return value;
}

ObjectReader ObjectReader::object(const char* key) const { return {at(key), place(key)}; }

std::string ObjectReader::text(const char* key, const char* fallback) const {
  if (!has(key) && fallback != nullptr) return fallback;
  const Json& value = at(key);
  if (!value.is_string()) wrong(key, "must be text", value);
  return value.get<std::string>();
}

int ObjectReader::side(const char* key) const { return static_cast<int>(whole(key, 1, kMaxSide)); }

bool ObjectReader::flag(const char* key, bool fallback) const {
  if (!has(key)) return fallback;
  if (!at(key).is_boolean()) wrong(key, "must be true or false", at(key));
  return at(key).get<bool>();
}

float ObjectReader::number(const char* key, float fallback) const {
  if (!has(key)) return fallback;
  return finite(key, at(key));
}

double ObjectReader::real(const char* key) const {
  const Json& value = at(key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) wrong(key, "must be a number", value);
  return value.get<double>();
}

double ObjectReader::real(const char* key, double fallback) const { return has(key) ? real(key) : fallback; }

double ObjectReader::not_negative(const char* key) const {
  const double value = real(key);
  if (value < 0) wrong(key, "must not be negative", at(key));
  return value;
}

double ObjectReader::not_negative(const char* key, double fallback) const {
  return has(key) ? not_negative(key) : fallback;
}

int64_t ObjectReader::whole(const char* key, int64_t lowest, int64_t highest) const {
  const Json& value = at(key);
  // A number beyond int64 is unsigned or a double.
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX));
  if (!fits || value.get<int64_t>() < lowest || value.get<int64_t>() > highest) {
    wrong(key, fmt::format("must be a whole number from {} to {}", lowest, highest).c_str(), value);
  }
  return value.get<int64_t>();
}

int64_t ObjectReader::whole(const char* key, int64_t lowest, int64_t highest, int64_t fallback) const {
  return has(key) ? whole(key, lowest, highest) : fallback;
}

std::array<float, 3> ObjectReader::three_numbers(const char* key, std::array<float, 3> fallback) const {
  if (!has(key)) return fallback;
  const Json& value = at(key);
  if (!value.is_array() || value.size() != 3) wrong(key, "must be a list of three numbers", value);
  return {finite(key, value[0]), finite(key, value[1]), finite(key, value[2])};
}

void ObjectReader::wrong(const char* key, const char* rule, const Json& value) const {
  throw Error(ErrorCode::kUsage, fmt::format("{} {}: {}", place(key), rule, shortened(value)));
}

float ObjectReader::finite(const char* key, const Json& value) const {
  if (!value.is_number() || !std::isfinite(value.get<float>())) wrong(key, "must be a number", value);
  return value.get<float>();
}

Json parse_json(std::string_view text, const std::string& where) {
  bool is_too_deep = false;
  const auto watch_depth = [&](int depth, Json::parse_event_t, Json&) {
    is_too_deep = is_too_deep || depth > kDeepest;
    return !is_too_deep;
  };
  Json json = Json::parse(text, watch_depth, false);
  if (is_too_deep) throw Error(ErrorCode::kUsage, where + " is nested absurdly deep");
  if (json.is_discarded()) throw Error(ErrorCode::kUsage, where + " is not JSON");
  return json;
}

std::string readable_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace smol
