#include "report_arguments.h"

#include <CLI/CLI.hpp>

namespace smol::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  smol report plan.json           what `smol plan` found: the front, the choice under any constraint, every candidate
  smol report out/ -o run.html    a finished run: where its time went, what failed
  smol report out/ plan.json      both: measured beside predicted
One HTML file, about 0.3 MB and its pictures; nothing is loaded from elsewhere. docs/report.md)";

}  // namespace

void add_report(CLI::App& app, ReportArguments& arguments) {
  CLI::App& command = *app.add_subcommand("report", "Write a plan or a run as one HTML page");
  command.add_option("sources", arguments.request.sources, "A run directory, a plan.json, or one of each")
      ->required()
      ->expected(1, 2)
      ->type_name("RUN|PLAN");
  command.add_option("--out,-o", arguments.out, "The page; an earlier one is replaced")
      ->capture_default_str()
      ->type_name("FILE");
  command.footer(kExamples);
}

}  // namespace smol::cli
