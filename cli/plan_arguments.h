// The arguments of `smol plan`.
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "profile_arguments.h"
#include "smol/plan/constraint.h"

namespace smol::cli {

struct PlanArguments {
  MeasuringArguments measuring;
  std::filesystem::path calibration;      // labelled items; empty: the inputs
  std::filesystem::path labels_csv;       // empty: labels.csv in the calibration folder
  std::filesystem::path reference_model;  // agreement with it instead of labels
  std::filesystem::path evaluation;       // of `smol eval -o`; empty: evaluated here
  std::vector<Constraint> constraints;    // the first decides what is made as good as possible, the others are limits
  std::filesystem::path out = "plan.json";
  std::filesystem::path prices;  // empty: default_prices()
  bool explain = false;
  bool json = false;
};

void add_plan(CLI::App& app, PlanArguments& arguments);
inline constexpr std::array<const char*, 7> kConstraintOptions = {
    "--max-loss", "--min-accuracy", "--min-throughput", "--max-cost", "--max-latency", "--fastest", "--pareto"};
// What accuracy is measured on, and what the choice has to meet: for `smol run` too.
void add_choice(CLI::App& command, PlanArguments& arguments);

}  // namespace smol::cli
