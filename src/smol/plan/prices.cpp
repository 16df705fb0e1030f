#include "smol/plan/prices.h"

namespace smol {

Prices default_prices() { return {"2020-10-01", "AWS g4dn: vCPU $0.0639, T4 $0.218 an hour", 6.39, 21.8, 4.375, 70}; }

double cents_per_million(const Prices& prices, double cores, double devices, double items_per_s) {
  const double cents_per_hour = cores * prices.cents_per_core_hour + devices * prices.cents_per_device_hour;
  return cents_per_hour / 3600 * (1e6 / items_per_s);
}

}  // namespace smol
