#include <fmt/format.h>

#include "commands.h"
#include "smol/base/error.h"
#include "smol/plan/plan.h"
#include "smol/plan/quote.h"

namespace smol::cli {

int quote_command(const QuoteArguments& arguments) {
  const Plan plan = read_plan(arguments.plan);
  if (!plan.planning) {
    throw Error(ErrorCode::kUsage,
                "the plan was not made by `smol plan`, so nothing says how fast it is: " + arguments.plan.string());
  }
  const Prices prices = arguments.prices.empty() ? plan.planning->prices : read_prices(arguments.prices);
  std::vector<Quote> quotes;
  if (arguments.cores.empty()) quotes.push_back(quote(*plan.planning, prices, arguments.items));
  for (const double cores : arguments.cores) quotes.push_back(quote(*plan.planning, prices, arguments.items, cores));
  fmt::print("{}",
             arguments.json ? to_json(quotes, arguments.items, prices) : to_text(quotes, arguments.items, prices));
  return 0;
}

}  // namespace smol::cli
