#include "smol/measure/evaluation.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "smol/base/error.h"

namespace smol {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVersion = 2;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A bound that one group of items cannot give is infinite, which JSON does not have: it is written as null.
Json json_of(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Interval interval_of(const Json& json) {
  const auto bound = [&](const char* key, double otherwise) {
    return json.at(key).is_null() ? otherwise : json.at(key).get<double>();
  };
  return {json.at("value").get<double>(), bound("low", -kInfinity), bound("high", kInfinity)};
}

Json json_of(const EvaluatedCandidate& candidate) {
  Json json;
  json["model"] = candidate.model;
  json["model_path"] = candidate.model_path.string();
  json["model_hash"] = candidate.model_hash;
  json["preprocessing"] = candidate.preprocessing;
  json["format"] = to_string(candidate.format);
  for (const auto& [metric, interval] : candidate.metrics)
    json["metrics"][std::string(name(metric))] = json_of(interval);
  if (candidate.difference) {
    json["difference"] = json_of(*candidate.difference);
    json["resolved"] = is_resolved(*candidate.difference);
  }
  json["failed"] = Json::array();
  for (const FailedItem& item : candidate.failed) {
    json["failed"].push_back({{"id", item.id}, {"error_code", item.code}, {"error", item.message}});
  }
  json["outcomes"] = candidate.outcomes.values;
  return json;
}

EvaluatedCandidate candidate_of(const Json& json) {
  EvaluatedCandidate candidate;
  candidate.model = json.at("model").get<std::string>();
  candidate.model_path = json.at("model_path").get<std::string>();
  candidate.model_hash = json.at("model_hash").get<std::string>();
  candidate.preprocessing = json.at("preprocessing").get<std::string>();
  candidate.format = parse_input_format(json.at("format").get<std::string>());
  for (const auto& [metric, interval] : json.at("metrics").items()) {
    candidate.metrics.emplace_back(parse_metric(metric), interval_of(interval));
  }
  if (json.contains("difference")) candidate.difference = interval_of(json.at("difference"));
  for (const Json& item : json.at("failed")) {
    candidate.failed.push_back({item.at("id").get<std::string>(), item.at("error_code").get<std::string>(),
                                item.at("error").get<std::string>()});
  }
  candidate.outcomes.values = json.at("outcomes").get<std::vector<float>>();
  return candidate;
}

Evaluation evaluation_of(const Json& json) {
  if (json.at("smol_evaluation") != kVersion) {
    throw Error(ErrorCode::kUsage, "another version than " + std::to_string(kVersion) + ": make it anew");
  }
  Evaluation evaluation;
  evaluation.set.metric = parse_metric(json.at("metric").get<std::string>());
  evaluation.set.labelled = json.at("labelled").get<bool>();
  evaluation.reference_model = json.at("reference_model").get<std::string>();
  evaluation.engine = json.at("engine").get<std::string>();
  evaluation.reference = json.at("reference").get<size_t>();
  for (const Json& item : json.at("items")) {
    evaluation.set.ids.push_back(item.at("id").get<std::string>());
    evaluation.groups.push_back(item.at("group").get<std::string>());
    evaluation.labels.push_back(item.at("label").get<std::string>());
  }
  evaluation.set.groups = group_numbers(evaluation.groups);
  for (const Json& candidate : json.at("candidates")) {
    evaluation.candidates.push_back(candidate_of(candidate));
    if (evaluation.candidates.back().outcomes.values.size() != evaluation.set.ids.size()) {
      throw Error(ErrorCode::kUsage,
                  "a candidate has not one outcome an item: " + evaluation.candidates.back().model);
    }
  }
  if (evaluation.reference >= evaluation.candidates.size())
    throw Error(ErrorCode::kUsage, "its reference is no candidate");
  return evaluation;
}

}  // namespace

const EvaluatedCandidate* Evaluation::find(std::string_view model_hash, std::string_view preprocessing,
                                           const InputFormat& format) const {
  for (const EvaluatedCandidate& candidate : candidates) {
    if (candidate.model_hash == model_hash && candidate.preprocessing == preprocessing && candidate.format == format)
      return &candidate;
  }
  return nullptr;
}

bool is_resolved(const Interval& difference) { return difference.low > 0 || difference.high < 0; }

std::vector<uint32_t> group_numbers(const std::vector<std::string>& groups) {
  std::vector<uint32_t> numbers;
  std::unordered_map<std::string, uint32_t> by_name;
  uint32_t next = 0;
  for (const std::string& group : groups) {
    if (group.empty()) {
      numbers.push_back(next++);
      continue;
    }
    const auto [found, added] = by_name.try_emplace(group, next);
    if (added) ++next;
    numbers.push_back(found->second);
  }
  return numbers;
}

std::string to_json(const Evaluation& evaluation) {
  Json json;
  json["smol_evaluation"] = kVersion;
  json["metric"] = name(evaluation.set.metric);
  json["labelled"] = evaluation.set.labelled;
  json["reference_model"] = evaluation.reference_model;
  json["engine"] = evaluation.engine;
  json["reference"] = evaluation.reference;
  json["items"] = Json::array();
  for (size_t i = 0; i < evaluation.set.ids.size(); ++i) {
    json["items"].push_back(
        {{"id", evaluation.set.ids[i]}, {"group", evaluation.groups[i]}, {"label", evaluation.labels[i]}});
  }
  json["candidates"] = Json::array();
  for (const EvaluatedCandidate& candidate : evaluation.candidates) json["candidates"].push_back(json_of(candidate));
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

Evaluation parse_evaluation(std::string_view text, const std::string& where) try {
  return evaluation_of(Json::parse(text));
} catch (const nlohmann::json::exception& error) {
  throw Error(ErrorCode::kUsage, "not an evaluation of smol (" + std::string(error.what()) + "): " + where);
} catch (const Error& error) {
  throw Error(ErrorCode::kUsage, std::string(error.what()) + ": " + where);
}

Evaluation read_evaluation(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || std::filesystem::is_directory(file)) {
    throw Error(ErrorCode::kUsage, "cannot read the evaluation (make one with `smol eval ... -o`): " + file.string());
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_evaluation(text, file.string());
}

}  // namespace smol
