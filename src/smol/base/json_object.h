// Strict reading of JSON that people write: every key is asked for, of the right type, and errors name the place.
//
// Heavy (nlohmann/json): include it in .cpp files only. All functions throw Error(kUsage), one line:
// "plan.json.stages[0].topk must be a whole number from 1 to 1000: "five"".
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace smol {

using Json = nlohmann::ordered_json;  // keys stay in the order of the file

// No DNN takes larger sides; keeps products of sides far from overflow.
inline constexpr int kMaxSide = 1 << 14;

// One JSON object being read: knows where it stands for messages, and refuses keys that nobody asked for. Does not
// own the JSON.
class ObjectReader {
 public:
  ObjectReader(const Json& json, std::string where);

  void allow_only(std::initializer_list<std::string_view> keys) const;
  bool has(const char* key) const { return json_.contains(key); }
  const Json& at(const char* key) const;
  std::string place(const char* key) const { return where_ + "." + key; }
  const Json& list(const char* key) const;     // an array
  ObjectReader object(const char* key) const;  // an object
  const Json& entries() const { return json_; }

  std::string text(const char* key, const char* fallback = nullptr) const;
  int side(const char* key) const;  // 1..kMaxSide
  bool flag(const char* key, bool fallback) const;
  float number(const char* key, float fallback) const;
  double real(const char* key) const;  // finite
  double real(const char* key, double fallback) const;
  double not_negative(const char* key) const;  // finite
  double not_negative(const char* key, double fallback) const;
  int64_t whole(const char* key, int64_t lowest, int64_t highest) const;
  int64_t whole(const char* key, int64_t lowest, int64_t highest, int64_t fallback) const;
  std::array<float, 3> three_numbers(const char* key, std::array<float, 3> fallback) const;
  // One of a few words, as the value that stands beside it.
  template <typename T>
  T choice(const char* key, std::initializer_list<std::pair<std::string_view, T>> choices,
           const char* fallback = nullptr) const {
    const std::string word = text(key, fallback);
    std::string allowed;
    for (const auto& [name, value] : choices) {
      if (word == name) return value;
      allowed += (allowed.empty() ? "" : ", ") + std::string(name);
    }
    wrong(key, ("must be one of " + allowed).c_str(), at(key));
  }

  [[noreturn]] void wrong(const char* key, const char* rule, const Json& value) const;

 private:
  float finite(const char* key, const Json& value) const;

  const Json& json_;
  std::string where_;
};

// Throws Error(kUsage) if `text` is not JSON ("WHERE is not JSON"), or nested deeper than 64 levels.
Json parse_json(std::string_view text, const std::string& where);

// `json.dump()` for files that people read: two spaces, invalid UTF-8 replaced, a newline at the end.
std::string readable_text(const Json& json);

}  // namespace smol
