#include "smol/plan/quote.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "smol/base/error.h"
#include "smol/plan/cost_model.h"

namespace smol {
namespace {

constexpr double kAgreement = 0.03;  // of repeated runs (measure/settling.h)

double error_of_measured(const PlanningResult& result) {
  double worst = kAgreement;
  for (const Assessment& each : result.candidates) {
    if (!each.candidate.measured_items_per_s) continue;
    worst = std::max(worst, std::abs(each.estimates.resource_model / *each.candidate.measured_items_per_s - 1));
  }
  return std::min(worst, 0.9);
}

double devices_of(const Candidate& candidate) {
  const auto on_device = [](const CandidateStage& stage) { return stage.demand.infer_device_s > 0; };
  return std::any_of(candidate.stages.begin(), candidate.stages.end(), on_device) ? 1 : 0;
}

double estimate(Candidate candidate, double cores) {
  Capacities machine;
  machine.cores = cores;
  machine.devices = devices_of(candidate);
  candidate.threads = candidate.streams = std::max(1, static_cast<int>(std::ceil(cores)));
  return resource_model().items_per_s(stage_costs(candidate), capacities_of(candidate, machine));
}

std::string duration_text(double seconds) {
  if (seconds < 90) return fmt::format("{:.1f} s", seconds);
  if (seconds < 5400) return fmt::format("{:.1f} min", seconds / 60);
  if (seconds < 2 * 86400) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

nlohmann::ordered_json json_of(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

}  // namespace

Quote quote(const PlanningResult& result, const Prices& prices, double items, double cores) {
  const Assessment* chosen = find_candidate(result, result.chosen);
  if (chosen == nullptr) throw Error(ErrorCode::kUsage, "the plan has no choice that could be quoted");
  if (!(items > 0) || !(cores >= 0))
    throw Error(ErrorCode::kUsage, "items and cores must be above 0: " + fmt::format("{}, {}", items, cores));
  const double here = result.machine.cores;
  Quote quoted;
  quoted.cores = cores > 0 ? cores : here;
  quoted.measured = chosen->candidate.measured_items_per_s.has_value() && quoted.cores == here;
  const double rate = quoted.cores == here ? chosen->items_per_s()
                                           : chosen->items_per_s() * estimate(chosen->candidate, quoted.cores) /
                                                 chosen->estimates.resource_model;
  const double error = quoted.measured ? kAgreement : error_of_measured(result);
  quoted.items_per_s = {rate, rate * (1 - error), rate * (1 + error)};
  const auto per_rate = [&](double total) {
    return Interval{total / rate, total / quoted.items_per_s.high, total / quoted.items_per_s.low};
  };
  quoted.seconds = per_rate(items);
  const double devices = devices_of(chosen->candidate);
  quoted.cents =
      per_rate(items * (quoted.cores * prices.cents_per_core_hour + devices * prices.cents_per_device_hour) / 3600);
  const double watts = quoted.cores * prices.watts_per_core + devices * prices.watts_per_device;
  quoted.watt_hours = watts * quoted.seconds.value / 3600;
  return quoted;
}

std::string to_text(const std::vector<Quote>& quotes, double items, const Prices& prices) {
  std::string text =
      fmt::format("{:.0f} items; prices as of {} ({})\n{:>5} {:>10} {:>21} {:>11} {:>23} {:>11} {:>9}\n", items,
                  prices.as_of, prices.source, "cores", "items/s", "", "time", "", "cents", "kWh");
  for (const Quote& each : quotes) {
    text +=
        fmt::format("{:>5g} {:>10.1f} {:>21} {:>11} {:>23} {:>11.2f} {:>9} {}\n", each.cores, each.items_per_s.value,
                    fmt::format("{:.1f} to {:.1f}", each.items_per_s.low, each.items_per_s.high),
                    duration_text(each.seconds.value),
                    duration_text(each.seconds.low) + " to " + duration_text(each.seconds.high), each.cents.value,
                    each.watt_hours > 0 ? fmt::format("{:.3f}", each.watt_hours / 1000) : "-",
                    each.measured ? "measured" : "estimated");
  }
  return text;
}

std::string to_json(const std::vector<Quote>& quotes, double items, const Prices& prices) {
  nlohmann::ordered_json json;
  json["items"] = items;
  json["prices"] = {{"as_of", prices.as_of}, {"source", prices.source}};
  json["quotes"] = nlohmann::ordered_json::array();
  for (const Quote& each : quotes) {
    json["quotes"].push_back({{"cores", each.cores},
                              {"measured", each.measured},
                              {"items_per_s", json_of(each.items_per_s)},
                              {"seconds", json_of(each.seconds)},
                              {"cents", json_of(each.cents)},
                              {"watt_hours", each.watt_hours}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace smol
