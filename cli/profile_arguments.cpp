#include "profile_arguments.h"

#include <CLI/CLI.hpp>
#include <string>

#include "input_arguments.h"

namespace smol::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  smol profile photos/ --model lite0.onnx --model lite2.onnx
      what decoding, preprocessing, each model and writing rows cost here; `smol plan` finds it where it lies
  smol profile photos/ --model lite0.onnx --format full --format full@1/8 --budget 20 -o profile.json
  smol profile photos/ --model lite0.onnx --json | jq '.prefixes[] | {decode, core_s}'
The same command again measures what is new: another model, format or set of pictures. docs/profile.md)";

}  // namespace

void add_budget(CLI::App& command, MeasuringArguments& arguments) {
  command.add_option("--budget", arguments.budget_s, "Seconds for measuring; two runs of everything are made anyway")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str()
      ->type_name("SECONDS");
}

void add_formats(CLI::App& command, const char* option, MeasuringArguments& arguments) {
  command
      .add_option_function<std::vector<std::string>>(
          option,
          [&arguments](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) arguments.formats.push_back(parse_input_format(text));
          },
          "An input format: RENDITION or RENDITION@DECODE, as in full@1/8 (repeatable).\n"
          "Default: every rendition; and of each 1/2, 1/4, 1/8 and the thumbnail, if nearly all files offer them, "
          "down\n"
          "to a quarter of the smallest model's input")
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("FORMAT");
}

void add_measuring(CLI::App& command, MeasuringArguments& arguments) {
  add_inputs(command, arguments.inputs);
  add_dataset(command, arguments.dataset);
  command.add_option("--model,-m", arguments.models, "An ONNX file with its manifest beside it (repeatable)")
      ->required()
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("FILE");
  add_formats(command, "--format", arguments);
  command.add_option("--backend", arguments.backend, "What runs the models")
      ->capture_default_str()
      ->type_name("NAME");
  add_budget(command, arguments);
  command
      .add_option("--threads", arguments.threads,
                  "Decoding threads, and streams of the model; default: the cores it may use")
      ->check(CLI::Range(1, 1024));
  add_limits(command, arguments.limits);
}

void add_profile(CLI::App& app, ProfileArguments& arguments) {
  CLI::App& command = *app.add_subcommand("profile", "Measure what decoding, preprocessing and models cost here");
  add_measuring(command, arguments.measuring);
  command
      .add_option("--out,-o", arguments.measuring.profile,
                  "The profile, read and extended; default: profile.json in the cache folder (~/.cache/smol)")
      ->type_name("FILE");
  command.add_flag("--json", arguments.json, "Print the profile");
  command.footer(kExamples);
}

}  // namespace smol::cli
