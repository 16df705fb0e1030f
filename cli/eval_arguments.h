// The arguments of `smol eval`.
#pragma once

#include <filesystem>
#include <optional>

#include "input_arguments.h"
#include "smol/measure/evaluation_job.h"
#include "smol/measure/parity.h"

namespace smol::cli {

struct EvalArguments {
  EvaluationRequest request;
  std::optional<std::filesystem::path> cache;  // of predictions; nothing: the default folder
  std::filesystem::path out;                   // evaluation.json; empty: none
  bool json = false;
  // --parity, and what is held against the definition
  bool parity = false;
  std::string backend = "openvino";
  DecodeSpec decode;
  std::optional<size_t> cpu_ops;
  double max_flips = 1;
  ProgressMode progress = ProgressMode::kAuto;
};

void add_eval(CLI::App& app, EvalArguments& eval);

// What the parser could not fill in.
EvalArguments finished(EvalArguments eval);

}  // namespace smol::cli
