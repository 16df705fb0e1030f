// The JSON of a run directory: lines of manifest.jsonl, and run.json with its settings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smol/engine/run_directory.h"

namespace smol {

struct ManifestEntry {
  ChunkCommit commit;
  uint64_t part_bytes = 0;
  uint64_t part_hash = 0;  // hash64 of the part file
};

std::string to_manifest_line(const ManifestEntry& entry);  // ends with '\n'
// Nothing: not a line that to_manifest_line() wrote, whole.
std::optional<ManifestEntry> parse_manifest_line(std::string_view line);

std::string to_run_json(const std::string& settings);  // throws Error(kFailed): not a JSON object
// Nothing: not a run.json of this version of smol.
std::optional<std::string> settings_in_run_json(std::string_view text);

// "batch 8, now 16" for the first key, outermost first and in the order of `now`, that differs; nested keys are
// joined with dots. Empty: equal.
std::string first_difference(const std::string& made_with, const std::string& now);

}  // namespace smol
