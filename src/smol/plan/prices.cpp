#include "smol/plan/prices.h"

namespace smol {

double cents_per_million(const Prices& prices, double cores, double devices, double items_per_s) {
  const double cents_per_hour = cores * prices.cents_per_core_hour + devices * prices.cents_per_device_hour;
  return cents_per_hour / 3600 * (1e6 / items_per_s);
}

}  // namespace smol
