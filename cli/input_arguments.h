// Options that several subcommands share: which items, in which renditions, within which limits.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "smol/engine/dataset.h"
#include "smol/engine/input_list.h"

namespace CLI {
class App;
}

namespace smol::cli {

enum class ProgressMode : uint8_t { kAuto, kTty, kJson, kNone };

void add_inputs(CLI::App& command, InputOptions& inputs);
void add_dataset(CLI::App& command, DatasetRequest& dataset);
void add_limits(CLI::App& command, DecodeLimits& limits);
// "auto" or a number of operations on the CPU. Throws Error(kUsage).
std::optional<size_t> parse_cut(const std::string& text);
void add_progress(CLI::App& command, ProgressMode& mode);

// Where smol keeps what it can make anew: compiled models, measurements. Empty: nowhere, there is no home.
std::filesystem::path default_cache_directory();

}  // namespace smol::cli
