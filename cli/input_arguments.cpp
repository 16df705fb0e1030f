#include "input_arguments.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>
#include <map>
#include <string>

#include "smol/base/error.h"

namespace smol::cli {

void add_inputs(CLI::App& command, InputOptions& inputs) {
  command
      .add_option("inputs", inputs.source,
                  "A folder (recursive), an image or video, a file with one path a line, or - for paths on stdin")
      ->required();
  command
      .add_option_function<std::string>(
          "--frames", [&inputs](const std::string& text) { inputs.frames = parse_frame_rule(text); },
          "Frames of videos: all (default), every=N, fps=N, keyframes, references, at=SECONDS,..., random=N (see "
          "--seed)")
      ->type_name("RULE");
  command.add_option("--include", inputs.include, "Only paths that match this glob (repeatable)")
      ->type_name("GLOB")
      ->allow_extra_args(false)  // the next word may be the inputs
      ->take_all();
  command.add_option("--exclude", inputs.exclude, "Not paths that match this glob (repeatable)")
      ->type_name("GLOB")
      ->allow_extra_args(false)  // the next word may be the inputs
      ->take_all();
  command.add_option("--limit", inputs.limit, "The first N items only")->check(CLI::NonNegativeNumber);
  command.add_option("--sample", inputs.sample, "N items at random, see --seed")->check(CLI::NonNegativeNumber);
  command.add_option("--seed", inputs.seed, "Seed of --sample and --frames random=N")->capture_default_str();
}

void add_dataset(CLI::App& command, DatasetRequest& dataset) {
  command
      .add_option("--rendition", dataset.renditions,
                  "A stored form of the items, as in thumb=thumb161/{id}.png (repeatable; instead of dataset.toml)")
      ->type_name("NAME=PATTERN")
      ->allow_extra_args(false)  // the next word may be the inputs
      ->take_all();
  command.add_option("--use", dataset.use, "Which renditions, the preferred one first: thumb,full; default: all")
      ->type_name("NAMES")
      ->allow_extra_args(false)
      ->delimiter(',');
  command.add_option("--dataset", dataset.file, "Names the renditions; default: dataset.toml in the folder")
      ->type_name("FILE");
}

void add_limits(CLI::App& command, DecodeLimits& limits) {
  command.add_option("--max-pixels", limits.max_pixels, "Larger pictures are error rows (too_many_pixels)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--max-scans", limits.max_scans, "JPEGs with more scans are error rows (corrupt)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--max-frames", limits.max_frames, "Frames of a video beyond it are left out (too_many_frames)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--max-seconds", limits.max_seconds, "CPU seconds for decoding one picture or frame (time_limit)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--max-file-bytes", limits.max_file_bytes, "Larger files are error rows (file_too_large)")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

std::optional<size_t> parse_cut(const std::string& text) {
  if (text == "auto") return {};
  size_t cpu_ops = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu_ops);
  if (error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorCode::kUsage, "--cut must be auto or a number of operations: " + text);
  return cpu_ops;
}

void add_progress(CLI::App& command, ProgressMode& mode) {
  static const std::map<std::string, ProgressMode> kModes = {{"auto", ProgressMode::kAuto},
                                                             {"tty", ProgressMode::kTty},
                                                             {"json", ProgressMode::kJson},
                                                             {"none", ProgressMode::kNone}};
  command.add_option("--progress", mode, "auto (default), tty, json or none, on stderr")
      ->transform(CLI::CheckedTransformer(kModes).description(""))
      ->type_name("MODE");
}

std::filesystem::path default_cache_directory() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && *xdg != '\0') return std::filesystem::path(xdg) / "smol";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return std::filesystem::path(home) / ".cache" / "smol";
  return {};  // no home: no cache
}

}  // namespace smol::cli
