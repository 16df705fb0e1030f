// The few distributions that intervals need. Boost.Math in one file.
#pragma once

namespace smol {

double normal_cdf(double z);
double normal_quantile(double probability);  // 0 < probability < 1
// Of Student's t; more than 1e6 degrees of freedom count as normal.
double t_quantile(double probability, double degrees_of_freedom);
// Of Beta(a, b); a = 0 gives 0, b = 0 gives 1.
double beta_quantile(double probability, double a, double b);

}  // namespace smol
