#include "smol/plan/prices.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "smol/base/error.h"

namespace smol {

Prices default_prices() { return {"2020-10-01", "AWS g4dn: vCPU $0.0639, T4 $0.218 an hour", 6.39, 21.8, 4.375, 70}; }

Prices read_prices(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || std::filesystem::is_directory(file))
    throw Error(ErrorCode::kUsage, "--prices: cannot read: " + file.string());
  const auto json = nlohmann::json::parse(text.str(), nullptr, false);
  if (!json.is_object()) throw Error(ErrorCode::kUsage, "--prices: not a JSON object: " + file.string());
  Prices prices;
  for (const auto& [key, value] : json.items()) {
    const auto take = [&, &name = key, &of = value](double& to) {
      if (!of.is_number() || !(of.get<double>() >= 0) || of.get<double>() > 1e9)
        throw Error(ErrorCode::kUsage, file.string() + ": " + name + " must be a number from 0 on");
      to = of.get<double>();
    };
    if ((key == "as_of" || key == "source") && value.is_string()) {
      (key == "as_of" ? prices.as_of : prices.source) = value.get<std::string>();
    } else if (key == "cents_per_core_hour") {
      take(prices.cents_per_core_hour);
    } else if (key == "cents_per_device_hour") {
      take(prices.cents_per_device_hour);
    } else if (key == "watts_per_core") {
      take(prices.watts_per_core);
    } else if (key == "watts_per_device") {
      take(prices.watts_per_device);
    } else {
      throw Error(
          ErrorCode::kUsage,
          file.string() +
              ": a key that is unknown or no text (as_of, source, cents_per_core_hour, cents_per_device_hour, "
              "watts_per_core, watts_per_device): " +
              nlohmann::json(key).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    }
  }
  if (prices.as_of.empty() || !json.contains("cents_per_core_hour"))
    throw Error(ErrorCode::kUsage, "--prices: as_of (a date) and cents_per_core_hour are needed: " + file.string());
  return prices;
}

double cents_per_million(const Prices& prices, double cores, double devices, double items_per_s) {
  const double cents_per_hour = cores * prices.cents_per_core_hour + devices * prices.cents_per_device_hour;
  return cents_per_hour / 3600 * (1e6 / items_per_s);
}

}  // namespace smol
