#include "plan_arguments.h"

#include <CLI/CLI.hpp>
#include <string>

namespace smol::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  smol plan photos/ --model lite0.onnx --model lite2.onnx -o plan.json
      the fastest plan that loses at most a point against the best model on full pictures; labels.csv in photos/
  smol plan photos/ --calibration labelled/ --model lite0.onnx --model lite2.onnx --min-accuracy 0.74
  smol plan photos/ --model lite0.onnx --model lite2.onnx --min-throughput 500 --explain
  smol run photos/ --plan plan.json -o out          smol report plan.json
What was measured is kept: another constraint measures nothing. Exit code 4: no plan meets the constraint. docs/planning.md)";

}  // namespace

void add_choice(CLI::App& command, PlanArguments& plan) {
  command
      .add_option("--profile", plan.measuring.profile,
                  "What is known of this machine, read and extended; default: profile.json in the cache folder")
      ->type_name("FILE");
  command.add_option("--calibration", plan.calibration, "Labelled items; default: the inputs themselves")
      ->type_name("FOLDER");
  auto* csv = command
                  .add_option("--labels-csv", plan.labels_csv,
                              "CSV with id,label[,group]; default: labels.csv in the calibration folder")
                  ->type_name("FILE");
  command
      .add_option("--reference-model", plan.reference_model,
                  "No labels: agreement with this model's answers on full decodes")
      ->type_name("FILE")
      ->excludes(csv);
  command.add_option("--evaluation", plan.evaluation, "What `smol eval -o` wrote; default: evaluated now")
      ->type_name("FILE");
  const auto add_constraint = [&](const char* option, ConstraintKind kind, const char* description, double highest) {
    command
        .add_option_function<double>(
            option, [&plan, kind](double value) { plan.constraints.push_back({kind, value}); }, description)
        ->check(CLI::Range(0.0, highest))
        ->type_name("X");
  };
  command.add_option("--prices", plan.prices, "What an hour of a core costs (docs/planning.md)")->type_name("FILE");
  constexpr double kAny = 1e15;
  add_constraint("--max-loss", ConstraintKind::kMaxLoss,
                 "The fastest that loses at most this against the best full-size plan (default: 0.01, a point)", 1);
  add_constraint("--min-accuracy", ConstraintKind::kMinAccuracy, "The fastest that is at least so accurate", 1);
  add_constraint("--min-throughput", ConstraintKind::kMinThroughput, "The most accurate at so many items/s", kAny);
  add_constraint("--max-cost", ConstraintKind::kMaxCost, "The most accurate at so many cents per million items",
                 kAny);
  add_constraint("--max-latency", ConstraintKind::kMaxLatency, "The most accurate within so many milliseconds", kAny);
  command.add_flag_callback(
      "--fastest", [&plan] { plan.constraints.push_back({ConstraintKind::kFastest, 0}); },
      "The fastest, whatever it answers");
  command.add_flag_callback(
      "--pareto", [&plan] { plan.constraints.push_back({ConstraintKind::kPareto, 0.01}); },
      "Measure and show the whole front; the choice as with --max-loss 0.01");
}

void add_plan(CLI::App& app, PlanArguments& plan) {
  CLI::App& command =
      *app.add_subcommand("plan", "Choose model, input format and settings: the fastest that is accurate enough");
  add_measuring(command, plan.measuring);
  add_choice(command, plan);
  command.add_flag("--explain", plan.explain, "Every candidate: estimate, measurement, accuracy, and what beat it");
  command.add_option("--out,-o", plan.out, "The plan")->capture_default_str()->type_name("FILE");
  command.add_flag("--json", plan.json, "Print the plan instead of a table");
  command.footer(kExamples);
}

}  // namespace smol::cli
