#include "smol/plan/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace smol {

double normal_cdf(double z) { return boost::math::cdf(boost::math::normal(), z); }

double normal_quantile(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

double t_quantile(double probability, double degrees_of_freedom) {
  constexpr double kAlmostNormal = 1e6;
  if (degrees_of_freedom > kAlmostNormal) return normal_quantile(probability);
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), probability);
}

double beta_quantile(double probability, double a, double b) {
  if (a <= 0) return 0;
  if (b <= 0) return 1;
  return boost::math::quantile(boost::math::beta_distribution<>(a, b), probability);
}

}  // namespace smol
