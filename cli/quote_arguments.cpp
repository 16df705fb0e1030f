#include "quote_arguments.h"

#include <CLI/CLI.hpp>

namespace smol::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  smol quote plan.json --items 5000000
  smol quote plan.json --items 1000000 --cores 2,4,8,16
  smol quote plan.json --prices prices.json --json       {"as_of": "2026-11-01", "cents_per_core_hour": 4}
The plan is one that `smol plan` made. docs/planning.md)";

}  // namespace

void add_quote(CLI::App& app, QuoteArguments& quote) {
  CLI::App& command =
      *app.add_subcommand("quote", "What running a plan will take: time and cost, also on more cores");
  command.add_option("plan", quote.plan, "A plan.json of `smol plan`")->required()->type_name("PLAN");
  command.add_option("--items", quote.items, "How many items")
      ->check(CLI::Range(1.0, 1e15))
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--cores", quote.cores, "Other numbers of cores, as in 2,4,8,16")
      ->check(CLI::Range(1.0, 4096.0))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,...");
  command.add_option("--prices", quote.prices, "Instead of the plan's prices")->type_name("FILE");
  command.add_flag("--json", quote.json, "As JSON");
  command.footer(kExamples);
}

}  // namespace smol::cli
