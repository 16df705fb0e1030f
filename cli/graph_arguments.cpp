#include "graph_arguments.h"

#include <CLI/CLI.hpp>

#include "smol/base/decode_spec.h"
#include "smol/base/error.h"

namespace smol::cli {
namespace {

constexpr const char* kExplainExamples = R"(Examples:
  smol explain graph efficientnet-lite0.json
      the graph as declared, what the rules make of it, what it costs, and why every other one is out
  smol explain graph --preset imagenet:224 --size 4000x3000 --disable-rule swap-resize-crop
  smol explain graph a.json b.json --svg graph.svg      what two models share
  smol explain graph a.json --measure                   predicted costs against measured times, one core
docs/preprocessing.md)";

constexpr const char* kCheckExamples = R"(Examples:
  smol manifest check net.json                    the graph, or what is wrong in one line
  smol manifest check net.json --model net.onnx   also against what the model takes
Exit codes: 0 all are good; 2 one is not. docs/manifest.md)";

// WIDTHxHEIGHT, as pictures are spoken of.
Size parse_picture_size(const std::string& text) {
  Size size;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%dx%d%c", &size.width, &size.height, &rest) != 2 || size.width < 1 ||
      size.height < 1 || size.width > 65535 || size.height > 65535) {
    throw Error(ErrorCode::kUsage, "--size is WIDTHxHEIGHT, as in 500x375: " + text);
  }
  return size;
}

}  // namespace

void add_explain(CLI::App& app, ExplainGraphArguments& explain) {
  CLI::App& group = *app.add_subcommand("explain", "Say why smol does what it does: smol explain graph");
  group.require_subcommand(1);
  CLI::App& command = *group.add_subcommand("graph", "What the optimiser makes of preprocessing graphs, and why");
  command.add_option("manifests", explain.manifests, "Manifests (docs/manifest.md)")->type_name("FILE");
  command.add_option("--preset", explain.presets, "imagenet, tf or raw, with the model's input side: imagenet:224")
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("NAME:SIDE");
  command
      .add_option_function<std::string>(
          "--size", [&explain](const std::string& text) { explain.source = parse_picture_size(text); },
          "Of a typical picture (default: 500x375)")
      ->type_name("WxH");
  command
      .add_option_function<std::string>(
          "--decode",
          [&explain](const std::string& text) {
            explain.scale_denominator = parse_decode_spec(text).scale_denominator;
          },
          "How it is decoded: full (default), 1/2, 1/4, 1/8")
      ->type_name("HOW");
  command.add_option("--disable-rule", explain.disabled_rules, "A rule that is not applied (repeatable)")
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("NAME");
  command.add_flag("--plain-counts", explain.plain_counts,
                   "Costs are the paper's: each arithmetic operation is one, whatever its type");
  command.add_flag("--measure", explain.measure,
                   "Time the alternatives on a synthetic picture, a pass an operation, and compare the order");
  command.add_flag("--all", explain.all, "Every alternative, not only those that no prune rule removed");
  command.add_option("--svg", explain.svg, "Draw the optimised graphs, with what they share")->type_name("FILE");
  command.add_flag("--json", explain.json, "As JSON");
  command.footer(kExplainExamples);
}

void add_manifest(CLI::App& app, ManifestCheckArguments& check) {
  CLI::App& group = *app.add_subcommand("manifest", "Check what models declare: smol manifest check");
  group.require_subcommand(1);
  CLI::App& command = *group.add_subcommand("check", "Validate manifests and print their graphs");
  command.add_option("files", check.files, "Manifests")->required()->type_name("FILE");
  command.add_option("--model", check.model, "Also compare with what this model takes")->type_name("FILE");
  command.footer(kCheckExamples);
}

}  // namespace smol::cli
