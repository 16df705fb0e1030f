// A plan: which models, which input formats, which preprocessing and where it runs, what comes out; with the engine's
// settings and, where `smol plan` made it, why it was chosen. A JSON file that people can read, edit and rerun
// (docs/planning.md; paper §3.1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smol/infer/manifest.h"
#include "smol/plan/input_format.h"
#include "smol/plan/planning_result.h"

namespace smol {

enum class Scores : uint8_t { kAsModelled, kSoftmax };

// One way in which a stage's items may come. Those after the first are fallbacks for items that lack its rendition.
struct PlanFormat {
  InputFormat format;
  int cpu_ops = -1;  // operations of the manifest on the CPU, the rest runs in the inference engine; -1: all (cut.h)
  bool operator==(const PlanFormat&) const = default;
};

struct PlanStage {
  std::filesystem::path model;
  std::string model_hash;  // of the file's bytes
  Manifest manifest;
  std::vector<PlanFormat> formats;  // at least one; renditions differ
  // Of a cascade: which items the next stage sees (one number: those whose best score is below it). Empty in the
  // last.
  std::vector<double> thresholds;
};

// 0: not said. Threads and batch size change no answer beyond the last bit, and are not part of the plan id; the
// backend is.
struct EngineSettings {
  std::string backend = "openvino";
  int threads = 0;  // that prepare items
  int streams = 0;  // batches at once
  int64_t batch = 0;
  bool operator==(const EngineSettings&) const = default;
};

struct Plan {
  std::vector<PlanStage> stages;  // one, unless it is a cascade
  std::string output = "topk";    // topk | logits | embedding
  int topk = 5;
  Scores scores = Scores::kAsModelled;
  EngineSettings engine;
  std::optional<PlanningResult> planning;
};

// Sixteen hex digits over everything that affects the rows, and nothing else: not where the model lies, not threads,
// not batch size, not how the plan was found.
std::string plan_id(const Plan& plan);

// The renditions of a stage in order of preference: "thumb161,full".
std::string rendition_text(const PlanStage& stage);

// plan.json, version 2. Model and labels are written as absolute paths.
std::string to_json(const Plan& plan);
// Relative paths are those below `folder`, that of the file. An "id" in the file is not believed: it is what was
// edited that runs. Throws Error(kUsage), one line with the place: not JSON, another version, a missing or unknown
// key, a value out of range.
Plan parse_plan(std::string_view json, const std::string& where, const std::filesystem::path& folder);
Plan read_plan(const std::filesystem::path& path);

// Hash of a file's bytes. Throws Error(kUsage) if it cannot be read.
std::string hash_file(const std::filesystem::path& path);

}  // namespace smol
