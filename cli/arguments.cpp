#include "arguments.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>

#include "input_arguments.h"
#include "smol/base/error.h"
#include "version.h"

namespace smol::cli {
namespace {

constexpr const char* kRunExamples = R"(Examples:
  smol run photos/ --model efficientnet-lite0.onnx -o out --softmax
      one row a picture in out/parts/*.parquet; the same command again continues
  find /data -name '*.jpg' -print0 | smol run - --model m.onnx -o out --format jsonl
  smol run photos/ --model net.onnx --preset imagenet --labels imagenet.txt -o out --topk 1
  smol run photos/ --plan out/plan.json -o again
      what an earlier run, or smol plan, settled: model, preprocessing, renditions, threads, batch
  smol run photos/ --model lite0.onnx --model lite2.onnx --min-accuracy 0.74 --calibration labelled/ -o out
      plans first (smol plan --help), then runs what was chosen; again: continues with the same plan
  smol run photos/ --model net.onnx --output embedding -o vectors --sample 10000 --seed 7
Rows:  duckdb -c "select path, label_1, score_1 from 'out/parts/*.parquet' where status = 'ok'"
Exit codes: 0 ok; 1 failed while running; 2 usage or configuration; 3 more failed items than allowed; 130 interrupted)";

constexpr const char* kInspectExamples = R"(Examples:
  smol inspect photo.jpg          what it is, and the ways to decode it
  smol inspect photo.jpg --compare
      decodes it in each of these ways: milliseconds, ratio to the full decode, and how close the pixels are
  smol inspect photos/            counts and distributions of a folder
  smol inspect photos/ --json | jq .formats)";

constexpr const char* kRenderExamples = R"(Examples:
  smol data render photos/ --to thumb161:short=161,format=png -o photos/
      then: smol run photos/ --use thumb161,full --model m.onnx -o out
  smol data render photos/ --to q95:short=161,format=jpeg,q=95 --to q75:short=161,format=jpeg,q=75 -o small/
  smol data render videos/ --to 480p:short=480,format=mp4,crf=23 -o videos/      H.264, the same frame numbers and times
The same command again stores what is missing. docs/datasets.md)";

constexpr const char* kMainFooter =
    R"(Try:  smol run photos/ --model m.onnx -o out     smol inspect photos/     smol doctor
`smol SUBCOMMAND --help` has examples. Documentation: docs/ of the project.)";

void add_model(CLI::App& command, RunArguments& run) {
  RunRequest& request = run.request;
  command
      .add_option_function<std::string>(
          "--plan", [&request](const std::string& file) { request.plan = read_plan(file); },
          "Run this plan.json (of smol plan, or of an earlier run); with it, --model only says where the model lies")
      ->type_name("FILE");
  command
      .add_option("--model,-m", run.choice.measuring.models,
                  "The model: an ONNX file with its manifest (model.json) beside it. Several with a constraint: smol "
                  "chooses")
      ->allow_extra_args(false)  // the next word may be the inputs
      ->take_all()
      ->type_name("FILE");
  auto* manifest = command.add_option("--manifest", request.manifest, "A manifest elsewhere (docs/manifest.md)")
                       ->type_name("FILE");
  auto* preset = command.add_option("--preset", request.preset, "Preprocessing of a model without manifest")
                     ->check(CLI::IsMember({"imagenet", "tf", "raw"}));
  auto* operations =
      command
          .add_option("--preprocessing", request.preprocessing,
                      "Preprocessing as the JSON list of a manifest: '[{\"op\": \"resize\", ...}, ...]'")
          ->type_name("JSON");
  preset->excludes(manifest)->excludes(operations);
  operations->excludes(manifest);
  command.add_option("--labels", request.labels, "Labels, one a line; default: the manifest's")->type_name("FILE");
}

void add_output(CLI::App& command, RunRequest& request) {
  static const std::map<std::string, RowFormat> kFormats = {
      {"parquet", RowFormat::kParquet}, {"jsonl", RowFormat::kJsonl}, {"csv", RowFormat::kCsv}};
  static const std::map<std::string, RowOutput> kOutputs = {
      {"topk", RowOutput::kTopK}, {"logits", RowOutput::kLogits}, {"embedding", RowOutput::kEmbedding}};
  command.add_option("--out,-o", request.out, "Run directory: rows, plan, report")->type_name("FOLDER");
  command.add_flag("--overwrite", request.overwrite, "Begin anew if the folder holds an earlier run");
  command.add_option("--format", request.format, "parquet (default), jsonl or csv")
      ->transform(CLI::CheckedTransformer(kFormats).description(""))
      ->type_name("FORMAT");
  command.add_option("--output", request.output, "topk (default), logits or embedding")
      ->transform(CLI::CheckedTransformer(kOutputs).description(""))
      ->type_name("KIND");
  command.add_option("--topk", request.topk, "Labels a row")->check(CLI::Range(1, 1000))->capture_default_str();
  command.add_flag("--softmax", request.softmax, "Scores are softmax(logits) instead of the model's own");
  command.add_option("--chunk-items", request.chunk_items, "Rows a part file: what is committed at once")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 20))
      ->capture_default_str();
}

void add_run(CLI::App& app, RunArguments& run) {
  CLI::App& command = *app.add_subcommand("run", "Run a model over pictures: one answer row each");
  add_inputs(command, run.request.inputs);
  add_dataset(command, run.request.dataset);
  command
      .add_option("--regions", run.request.inputs.regions,
                  "Regions of interest, CSV or Parquet with id,x,y,w,h: a row each, from one decode of their picture")
      ->type_name("FILE");
  add_model(command, run);
  command
      .add_option_function<std::string>(
          "--decode", [&run](const std::string& text) { run.request.decode = parse_decode_spec(text); },
          "full (default); or faster, with other answers: 1/2, 1/4, 1/8, scans=N, thumbnail, no-filters\n"
          "(smol inspect FILE lists what a file offers)")
      ->type_name("HOW");
  add_output(command, run.request);
  add_limits(command, run.request.limits);
  command
      .add_option("--threads", run.request.threads,
                  "Decoding threads, and streams of the model; default: the cores it may use")
      ->check(CLI::Range(1, 1024));
  command.add_option("--batch", run.request.batch, "Batch size; default: probed")->check(CLI::Range(1, 4096));
  command
      .add_option("--backend", run.backend, "openvino (default), onnxruntime, or onnxruntime:PROVIDER (smol doctor)")
      ->type_name("NAME");
  command
      .add_option_function<std::string>(
          "--cut", [&run](const std::string& text) { run.request.cpu_ops = parse_cut(text); },
          "Operations of the preprocessing on the CPU; the others run in the model's own graph. auto (default), or "
          "a\n"
          "number (--dry-run lists them)")
      ->type_name("N");
  command.add_option("--max-failure-rate", run.max_failure_rate, "Exit with 3 if a larger share of the items failed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  add_progress(command, run.progress);
  command.add_flag("--dry-run", run.dry_run, "Say what would be done, and stop");
  CLI::Option* plan = command.get_option("--plan");
  for (const char* name : {"--backend", "--cut", "--manifest", "--preset", "--preprocessing", "--decode", "--use",
                           "--output", "--topk", "--softmax"}) {
    plan->excludes(command.get_option(name));  // the plan says it
  }
  add_choice(command, run.choice);
  add_formats(command, "--input-format", run.choice.measuring);
  add_budget(command, run.choice.measuring);
  for (const char* constraint : kConstraintOptions) {
    for (const char* name : {"--plan", "--cut", "--manifest", "--preset", "--preprocessing", "--decode", "--batch",
                             "--output", "--topk", "--softmax", "--regions"}) {
      command.get_option(constraint)->excludes(command.get_option(name));  // what is chosen, or not planned for
    }
  }
  command.footer(kRunExamples);
}

// One model, or what to choose from and by which constraint.
void finish_models(RunArguments& run) {
  PlanArguments& choice = run.choice;
  if (!choice.constraints.empty()) {
    choice.measuring.inputs = run.request.inputs;
    choice.measuring.dataset = run.request.dataset;
    choice.measuring.limits = run.request.limits;
    choice.measuring.backend = run.backend;
    choice.measuring.threads = run.request.threads;
    if (choice.measuring.models.empty()) {
      throw Error(ErrorCode::kUsage, "--model is missing: name the models to choose from (see `smol run --help`)");
    }
    return;
  }
  if (choice.measuring.models.size() > 1) {
    throw Error(ErrorCode::kUsage,
                "several models: add a constraint to choose by, as in --max-loss 0.01 (see `smol run "
                "--help`)");
  }
  if (!choice.calibration.empty() || !choice.labels_csv.empty() || !choice.reference_model.empty() ||
      !choice.evaluation.empty() || !choice.measuring.profile.empty() || !choice.prices.empty() ||
      !choice.measuring.formats.empty()) {
    throw Error(ErrorCode::kUsage,
                "--calibration, --labels-csv, --reference-model, --evaluation, --profile, --prices and "
                "--input-format are for choosing: add a constraint, as in --max-loss 0.01");
  }
  if (!choice.measuring.models.empty()) run.request.model = choice.measuring.models.front();
  if (!run.request.plan && run.request.model.empty()) {
    throw Error(ErrorCode::kUsage, "--model or --plan is missing: name the model to run (see `smol run --help`)");
  }
}

void add_render(CLI::App& app, RenderArguments& render) {
  CLI::App& data = *app.add_subcommand("data", "Prepare folders of pictures and videos: smol data render");
  data.require_subcommand(1);
  CLI::App& command = *data.add_subcommand("render", "Store smaller or cheaper renditions of pictures and videos");
  add_inputs(command, render.request.inputs);
  add_dataset(command, render.request.dataset);
  command
      .add_option_function<std::vector<std::string>>(
          "--to",
          [&render](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) render.request.targets.push_back(parse_render_target(text));
          },
          "A rendition to store (repeatable): its name, short side in pixels, format png or jpeg (of pictures) or "
          "mp4 (of "
          "videos), q of a JPEG, crf of an MP4")
      ->required()
      ->allow_extra_args(false)
      ->take_all()
      ->type_name("NAME:short=N,format=F,q=Q");
  command.add_option("--out,-o", render.request.out, "Where: a folder for each rendition, and dataset.toml")
      ->required()
      ->type_name("FOLDER");
  add_limits(command, render.request.limits);
  command.add_option("--threads", render.request.threads, "Default: the cores it may use")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--max-failure-rate", render.max_failure_rate, "Exit with 3 if a larger share of the items failed")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.footer(kRenderExamples);
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

Arguments parse_arguments(int argc, char** argv) {
  CLI::App app("smol: batch visual analytics at the speed of the machine", "smol");
  app.set_version_flag("--version", std::string("smol ") + kVersion);
  app.require_subcommand(1);
  app.footer(kMainFooter);
  RunArguments run;
  InspectArguments inspect;
  RenderArguments render;
  EvalArguments eval;
  ReportArguments report;
  DoctorArguments doctor;
  add_run(app, run);
  add_render(app, render);
  add_eval(app, eval);
  add_report(app, report);
  ProfileArguments profile;
  add_profile(app, profile);
  PlanArguments plan;
  add_plan(app, plan);
  QuoteArguments quote;
  add_quote(app, quote);
  ExplainGraphArguments explain;
  add_explain(app, explain);
  ManifestCheckArguments manifest_check;
  add_manifest(app, manifest_check);
  CLI::App& inspecting = *app.add_subcommand("inspect", "Say what pictures are and how they can be decoded");
  add_inputs(inspecting, inspect.inputs);
  add_limits(inspecting, inspect.limits);
  inspecting.add_flag("--json", inspect.json, "As JSON");
  inspecting.add_flag("--compare", inspect.compare,
                      "Of one picture: decode it in every way it offers. Thread CPU time, best of about a second in "
                      "all; PSNR against the full decode, averaged (box filter) to the same size");
  inspecting.footer(kInspectExamples);
  CLI::App& checking = *app.add_subcommand("doctor", "Say what this machine has, and what is missing");
  checking.add_flag("--json", doctor.json, "As JSON");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    return PrintAndExit{chosen.empty() ? app.help() : chosen.front()->help("smol")};
  } catch (const CLI::CallForVersion&) {
    return PrintAndExit{std::string("smol ") + kVersion + "\n"};
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    if (chosen.empty() && argc > 1 && argv[1][0] != '-') {
      throw Error(ErrorCode::kUsage, std::string("no such subcommand (run, plan, quote, profile, inspect, data, "
                                                 "eval, report, explain, manifest, doctor): ") +
                                         argv[1]);
    }
    const std::string command = chosen.empty() ? "smol" : "smol " + chosen.front()->get_name();
    throw Error(ErrorCode::kUsage, one_line(error.what()) + " (see `" + command + " --help`)");
  }
  if (app.got_subcommand("doctor")) return doctor;
  if (app.got_subcommand("inspect")) return inspect;
  if (app.got_subcommand("data")) return render;
  if (app.got_subcommand("eval")) return finished(std::move(eval));
  if (app.got_subcommand("report")) return report;
  if (app.got_subcommand("profile")) return profile;
  if (app.got_subcommand("plan")) return plan;
  if (app.got_subcommand("quote")) return quote;
  if (app.got_subcommand("explain")) return explain;
  if (app.got_subcommand("manifest")) return manifest_check;
  if (run.request.out.empty() && !run.dry_run) {
    throw Error(ErrorCode::kUsage, "-o is missing: name the folder where the rows go (see `smol run --help`)");
  }
  finish_models(run);
  if (!is_exact(run.request.decode) && !run.request.inputs.regions.empty()) {
    throw Error(ErrorCode::kUsage, "--decode goes with whole pictures, not with --regions");
  }
  run.request.cache_directory = default_cache_directory();
  return run;
}

}  // namespace smol::cli
