// What an hour of a machine costs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace smol {

struct Prices {
  std::string as_of;  // ISO date: prices age
  std::string source;
  double cents_per_core_hour = 0;
  double cents_per_device_hour = 0;
  double watts_per_core = 0;  // 0: not said
  double watts_per_device = 0;
  bool operator==(const Prices&) const = default;
};

// Of the paper (§7): an AWS g4dn instance with a T4, split by linear interpolation over its sizes.
Prices default_prices();

// JSON: {"as_of": "2026-11-01", "source": "...", "cents_per_core_hour": 4, "cents_per_device_hour": 0,
// "watts_per_core": 5, "watts_per_device": 0}; as_of and cents_per_core_hour are needed. Throws Error(kUsage), one
// line: cannot be read, not JSON, an unknown key, a value that is no number from 0 on.
Prices read_prices(const std::filesystem::path& file);

// Cents for a million items at this rate, on all cores and devices of the machine. 0 at an infinite rate.
double cents_per_million(const Prices& prices, double cores, double devices, double items_per_s);

}  // namespace smol
