#include "smol/engine/run_json.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "smol/base/error.h"

namespace smol {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRunFormat = "smol run";
constexpr int kRunVersion = 1;

// Settings may hold long lists; a message is one line.
std::string shown(const Json& value) {
  constexpr size_t kLongestBytes = 120;
  std::string text = value.dump(-1, ' ', true);
  if (text.size() > kLongestBytes) text = text.substr(0, kLongestBytes) + "...";
  return text;
}

Json parse_settings(const std::string& settings) {
  Json json = Json::parse(settings, nullptr, false);
  if (!json.is_object()) throw Error(ErrorCode::kFailed, "the settings of a run are not a JSON object: " + settings);
  return json;
}

std::string difference(const Json& made_with, const Json& now, const std::string& prefix) {
  for (const auto& [key, value] : now.items()) {
    const std::string name = prefix + key;
    const auto old = made_with.find(key);
    if (old == made_with.end()) return fmt::format("no {}, now {}", name, shown(value));
    if (*old == value) continue;
    if (!old->is_object() || !value.is_object()) return fmt::format("{} {}, now {}", name, shown(*old), shown(value));
    return difference(*old, value, name + ".");
  }
  for (const auto& [key, value] : made_with.items()) {
    if (!now.contains(key)) return fmt::format("{} {}, now none", prefix + key, shown(value));
  }
  return {};
}

}  // namespace

std::string to_manifest_line(const ManifestEntry& entry) {
  Json json;
  json["chunk"] = entry.commit.chunk;
  json["rows"] = entry.commit.rows;
  json["failed"] = entry.commit.failed;
  json["failed_by_code"] = entry.commit.failed_by_code;
  json["file"] = entry.commit.file;
  json["bytes"] = entry.part_bytes;
  json["hash"] = fmt::format("{:016x}", entry.part_hash);  // JSON numbers are doubles to many readers
  return json.dump() + '\n';
}

std::optional<ManifestEntry> parse_manifest_line(std::string_view line) {
  if (!line.ends_with('\n')) return std::nullopt;
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  ManifestEntry entry;
  try {
    entry.commit.chunk = json.at("chunk").get<uint64_t>();
    entry.commit.rows = json.at("rows").get<uint64_t>();
    entry.commit.failed = json.at("failed").get<uint64_t>();
    entry.commit.failed_by_code = json.at("failed_by_code").get<std::map<std::string, uint64_t>>();
    entry.commit.file = json.at("file").get<std::string>();
    entry.part_bytes = json.at("bytes").get<uint64_t>();
    const auto hash = json.at("hash").get<std::string>();
    const auto [end, error] = std::from_chars(hash.data(), hash.data() + hash.size(), entry.part_hash, 16);
    if (error != std::errc() || end != hash.data() + hash.size()) return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return entry;
}

std::string to_run_json(const std::string& settings) {
  Json json;
  json["format"] = kRunFormat;
  json["version"] = kRunVersion;
  json["settings"] = parse_settings(settings);
  return json.dump(2) + '\n';
}

std::optional<std::string> settings_in_run_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("format", Json()) != kRunFormat ||
      json.value("version", Json()) != kRunVersion) {
    return std::nullopt;
  }
  const auto settings = json.find("settings");
  if (settings == json.end() || !settings->is_object()) return std::nullopt;
  return settings->dump();
}

std::string first_difference(const std::string& made_with, const std::string& now) {
  return difference(parse_settings(made_with), parse_settings(now), "");
}

}  // namespace smol
