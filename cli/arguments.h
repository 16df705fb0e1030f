// The command line, parsed: one struct a subcommand. Only the files *arguments.cpp know CLI11.
#pragma once

#include <string>
#include <variant>

#include "eval_arguments.h"
#include "graph_arguments.h"
#include "input_arguments.h"
#include "plan_arguments.h"
#include "profile_arguments.h"
#include "quote_arguments.h"
#include "report_arguments.h"
#include "smol/engine/render.h"
#include "smol/engine/run_job.h"

namespace smol::cli {

struct RunArguments {
  RunRequest request;
  std::string backend = "openvino";  // of a run without a plan
  PlanArguments choice;              // with constraints: the run is planned first
  bool dry_run = false;
  double max_failure_rate = 1.0;
  ProgressMode progress = ProgressMode::kAuto;
};

struct InspectArguments {
  InputOptions inputs;
  DecodeLimits limits;
  bool json = false;
  bool compare = false;
};

struct RenderArguments {
  RenderRequest request;
  double max_failure_rate = 1.0;
};

struct DoctorArguments {
  bool json = false;
};

struct PrintAndExit {  // --help, --version
  std::string text;
};

using Arguments = std::variant<RunArguments, InspectArguments, RenderArguments, EvalArguments, ReportArguments,
                               ProfileArguments, PlanArguments, QuoteArguments, ExplainGraphArguments,
                               ManifestCheckArguments, DoctorArguments, PrintAndExit>;

// Throws Error(kUsage) with what is wrong in one line.
Arguments parse_arguments(int argc, char** argv);

}  // namespace smol::cli
