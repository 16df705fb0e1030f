// What running a plan will take: time, money and energy for so many items, here or on other numbers of cores (the
// columns of the paper's Table 9).
#pragma once

#include <string>
#include <vector>

#include "smol/plan/planning_result.h"

namespace smol {

// value is what is expected; low <= value <= high.
struct Quote {
  double cores = 1;
  Interval items_per_s;
  Interval seconds;
  Interval cents;
  double watt_hours = 0;  // 0: the prices name no watts
  bool measured = false;  // this plan was run end to end on so many cores; else estimated
};

// Of the chosen plan, for `items` items on `cores` cores (0: as many as the plan was made on). On other numbers of
// cores its producers and streams grow with them, and what was measured here is scaled as the resource model says;
// devices stay as many. The interval is no statistical one: a measured rate may be off by the 3 % within which
// repeated runs agree, an estimated one by the resource model's worst error over the candidates that were measured,
// if that is more. Starting up is not in it. Throws Error(kUsage): nothing was chosen, or a number is not above 0.
Quote quote(const PlanningResult& result, const Prices& prices, double items, double cores = 0);

std::string to_text(const std::vector<Quote>& quotes, double items, const Prices& prices);
std::string to_json(const std::vector<Quote>& quotes, double items, const Prices& prices);

}  // namespace smol
