#include "eval_arguments.h"

#include <CLI/CLI.hpp>

namespace smol::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  smol eval calibration/ --model lite0.onnx --model lite2.onnx -o evaluation.json
      labels.csv and dataset.toml in the folder; every rendition, and the cheaper ways to decode that nearly all files offer
  smol eval photos/ --model m.onnx --format full --format full@1/2 --format thumb161 --labels-csv labels.csv
  smol eval photos/ --model m.onnx --parity --decode 1/2 --cut 2
      how far a run is from the manifest's graph done step by step: drift of the outputs, changed best classes
  smol eval photos/ --model small.onnx --reference-model large.onnx       no labels: agreement, not accuracy
Predictions are kept: the same command again, another model or another format cost only themselves. docs/evaluation.md)";

}  // namespace

void add_eval(CLI::App& app, EvalArguments& eval) {
  CLI::App& command =
      *app.add_subcommand("eval", "Measure what models say on labelled pictures, on each input format");
  EvaluationRequest& request = eval.request;
  add_inputs(command, request.inputs);
  add_dataset(command, request.dataset);
  command.add_option("--model,-m", request.models, "An ONNX file with its manifest beside it (repeatable)")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false)  // the next word may be the inputs
      ->take_all();
  command
      .add_option_function<std::vector<std::string>>(
          "--format",
          [&request](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) request.formats.push_back(parse_input_format(text));
          },
          "RENDITION or RENDITION@HOW, as in full, full@1/8, thumb161, full@thumbnail (repeatable); default: every\n"
          "rendition, and of each the scales and the thumbnail that nearly all files offer")
      ->type_name("FORMAT")
      ->allow_extra_args(false)
      ->take_all();
  auto* csv = command
                  .add_option("--labels-csv", request.labels_csv,
                              "CSV with id,label[,group]; default: labels.csv in the input folder")
                  ->type_name("FILE");
  auto* folders =
      command.add_flag("--folder-labels", request.folder_labels, "The first folder of an id is its label");
  command
      .add_option("--reference-model", request.reference_model,
                  "No labels: agreement with this model's answers on full decodes")
      ->type_name("FILE")
      ->excludes(csv)
      ->excludes(folders);
  csv->excludes(folders);
  command
      .add_option_function<std::string>(
          "--metric", [&request](const std::string& text) { request.metric = parse_metric(text); },
          "top1, top5, f1, precision, recall or mae; default: mae for models of one output, f1 for two, otherwise "
          "top1")
      ->type_name("METRIC");
  command.add_option("--positive", request.positive, "f1, precision, recall: the class that is looked for")
      ->capture_default_str()
      ->type_name("CLASS");
  CLI::Option* parity = command.add_flag(
      "--parity", eval.parity,
      "Instead: hold a run of one model against its definition (Pillow and torchvision, step by step)");
  command
      .add_option_function<std::string>(
          "--decode", [&eval](const std::string& text) { eval.decode = parse_decode_spec(text); },
          "--parity: as smol run has it")
      ->type_name("HOW")
      ->needs(parity);
  command
      .add_option_function<std::string>(
          "--cut", [&eval](const std::string& text) { eval.cpu_ops = parse_cut(text); },
          "--parity: as smol run has it")
      ->type_name("N")
      ->needs(parity);
  command.add_option("--backend", eval.backend, "--parity: as smol run has it")->type_name("NAME")->needs(parity);
  command
      .add_option("--max-flips", eval.max_flips,
                  "--parity: exit with 3 if a larger share of the best classes changed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->needs(parity);
  command.add_option("--out,-o", eval.out, "Outcomes of every item, for `smol plan`")->type_name("evaluation.json");
  command
      .add_option_function<std::string>(
          "--cache", [&eval](const std::string& text) { eval.cache = text; },
          "Folder of kept predictions, \"\" for none; default: $XDG_CACHE_HOME/smol")
      ->type_name("FOLDER");
  command.add_flag("--json", eval.json, "What -o writes, to stdout instead of the table");
  add_limits(command, request.limits);
  command.add_option("--threads", request.threads, "Default: the cores it may use")->check(CLI::Range(1, 1024));
  add_progress(command, eval.progress);
  command.footer(kExamples);
}

EvalArguments finished(EvalArguments eval) {
  eval.request.compiled_models = default_cache_directory();
  eval.request.prediction_folder = eval.cache.value_or(default_cache_directory());
  return eval;
}

}  // namespace smol::cli
