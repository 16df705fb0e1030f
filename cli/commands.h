// One function a subcommand, one file each. They print to stdout and return the exit code; they throw Error.
#pragma once

#include "arguments.h"

namespace smol::cli {

int run_command(const RunArguments& arguments);
int inspect_command(const InspectArguments& arguments);
int render_command(const RenderArguments& arguments);
int eval_command(const EvalArguments& arguments);
int parity_command(const EvalArguments& arguments);
int explain_graph_command(const ExplainGraphArguments& arguments);
int manifest_command(const ManifestCheckArguments& arguments);
int report_command(const ReportArguments& arguments);
int plan_command(const PlanArguments& arguments);
int quote_command(const QuoteArguments& arguments);
int profile_command(const ProfileArguments& arguments);
int doctor_command(const DoctorArguments& arguments);

}  // namespace smol::cli
