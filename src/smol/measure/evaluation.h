// evaluation.json: what a calibration set says about models and input formats (docs/evaluation.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smol/plan/accuracy.h"
#include "smol/plan/input_format.h"

namespace smol {

struct FailedItem {
  std::string id;
  std::string code;  // item_error_name()
  std::string message;
  bool operator==(const FailedItem&) const = default;
};

// A model on an input format: an element of D x F.
struct EvaluatedCandidate {
  std::string model;  // the manifest's name
  std::filesystem::path model_path;
  std::string model_hash;
  std::string preprocessing;  // of its manifest, as text
  InputFormat format;
  Outcomes outcomes;                                 // for CalibrationSet::metric, in the order of its ids
  std::vector<std::pair<Metric, Interval>> metrics;  // that metric first, then others of the same predictions
  std::optional<Interval> difference;                // its metric minus the reference's; none of the reference itself
  std::vector<FailedItem> failed;                    // counted as wrong
  // The best class's name (index, if it has none; mae: the number) by item, "" where it failed: for examples. Not in
  // evaluation.json, and empty when read from there.
  std::vector<std::string> answers = {};
};

struct Evaluation {
  CalibrationSet set;
  std::vector<std::string> groups;  // by item, as in the label file; "": a group of its own
  std::vector<std::string> labels;  // by item, as in the label file; agreement: the reference model's class
  std::string reference_model;      // agreement with it (its name); empty: labels
  std::string engine;               // backend and version
  std::vector<EvaluatedCandidate> candidates;
  std::vector<std::string> paths;  // by item, of its file in the first format; not in evaluation.json
  size_t reference = 0;            // the candidate that the others are compared with: the best on full decodes

  // Null: was not evaluated.
  const EvaluatedCandidate* find(std::string_view model_hash, std::string_view preprocessing,
                                 const InputFormat& format) const;
};

// Whether the calibration set can tell the candidate from the reference.
bool is_resolved(const Interval& difference);

// Numbers for CalibrationSet::groups: equal names share one, each "" has one of its own.
std::vector<uint32_t> group_numbers(const std::vector<std::string>& groups);

std::string to_json(const Evaluation& evaluation);
// Throws Error(kUsage), one line: cannot be read, not JSON, another version, a key missing or of another type,
// outcomes that do not fit the items.
Evaluation parse_evaluation(std::string_view json, const std::string& where);
Evaluation read_evaluation(const std::filesystem::path& file);

}  // namespace smol
