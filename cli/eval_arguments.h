// The arguments of `smol eval`.
#pragma once

#include <filesystem>
#include <optional>

#include "input_arguments.h"
#include "smol/measure/evaluation_job.h"

namespace smol::cli {

struct EvalArguments {
  EvaluationRequest request;
  std::optional<std::filesystem::path> cache;  // of predictions; nothing: the default folder
  std::filesystem::path out;                   // evaluation.json; empty: none
  bool json = false;
  ProgressMode progress = ProgressMode::kAuto;
};

void add_eval(CLI::App& app, EvalArguments& eval);

// What the parser could not fill in.
EvalArguments finished(EvalArguments eval);

}  // namespace smol::cli
