// The JSON beside an ONNX file: what the model wants and what it says. Schema: docs/manifest.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "smol/preproc/graph.h"

namespace smol {

enum class OutputKind : uint8_t { kLogits, kProbabilities, kEmbedding };

struct Manifest {
  std::string name;         // of the model
  std::string input_name;   // empty: the only input
  std::string output_name;  // empty: the only output
  OutputKind output_kind = OutputKind::kLogits;
  PreprocGraph preprocessing;
  int trained_short_side = 0;    // 0: unknown
  std::filesystem::path labels;  // a text file, one label a line, line = class index; empty: none
};

// "m.onnx" -> "m.json".
std::filesystem::path manifest_path(const std::filesystem::path& model);

// Throws Error(kUsage) that names the file, the key and what is allowed; unknown keys are refused.
Manifest read_manifest(const std::filesystem::path& path);
Manifest parse_manifest(std::string_view json, const std::string& where);
std::string to_json(const Manifest& manifest);  // parse_manifest(to_json(m)) == m

// A manifest's list of operations, or a part of one: parse_operations(to_json(g), ...) == g.
PreprocGraph parse_operations(std::string_view json, const std::string& where);
std::string to_json(const PreprocGraph& graph);

// The labels file, one a line, UTF-8, without line ends. Throws Error(kUsage).
std::vector<std::string> read_labels(const std::filesystem::path& path);

}  // namespace smol
