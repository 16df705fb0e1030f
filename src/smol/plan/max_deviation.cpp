#include "smol/plan/max_deviation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "smol/base/hash.h"
#include "smol/plan/distributions.h"

namespace smol {
namespace {

constexpr int kDraws = 2000;
constexpr size_t kTableBits = 12;
constexpr size_t kTableSize = size_t{1} << kTableBits;
constexpr uint64_t kSeed = 0x736d6f6c;

// Standard normal weights, by table: what is added up over groups needs no finer steps.
class NormalWeights {
 public:
  NormalWeights() : state_(kSeed) {}
  float next() {
    if (left_ < kTableBits) {
      bits_ = mix64(state_++);
      left_ = 64;
    }
    const float weight = table()[bits_ & (kTableSize - 1)];
    bits_ >>= kTableBits;
    left_ -= kTableBits;
    return weight;
  }

 private:
  static const std::array<float, kTableSize>& table() {
    static const std::array<float, kTableSize> made = [] {
      std::array<float, kTableSize> quantiles{};
      double squares = 0;
      for (size_t i = 0; i < kTableSize; ++i) {
        quantiles[i] = static_cast<float>(normal_quantile((static_cast<double>(i) + 0.5) / kTableSize));
        squares += double{quantiles[i]} * quantiles[i];
      }
      // Midpoints of equal parts vary a little less than the distribution.
      const auto scale = static_cast<float>(std::sqrt(kTableSize / squares));
      for (float& quantile : quantiles) quantile *= scale;
      return quantiles;
    }();
    return made;
  }

  uint64_t state_;
  uint64_t bits_ = 0;
  size_t left_ = 0;
};

}  // namespace

double max_deviation_quantile(const Residuals& residuals, double probability, bool two_sided,
                              std::span<const double> shifts) {
  std::vector<size_t> rows;
  std::vector<double> norms;
  for (size_t i = 0; i < residuals.size(); ++i) {
    double squares = 0;
    for (const double residual : residuals[i]) squares += residual * residual;
    if (squares > 0) {
      rows.push_back(i);
      norms.push_back(std::sqrt(squares));
    }
  }
  if (rows.empty()) return 0;
  const size_t groups = residuals[rows[0]].size();
  const size_t count = rows.size();
  // Group by group, so that the inner loop runs over estimates and needs no order of additions.
  std::vector<float> columns(groups * count);
  for (size_t r = 0; r < count; ++r) {
    for (size_t g = 0; g < groups; ++g) {
      columns[g * count + r] = static_cast<float>(residuals[rows[r]][g] / norms[r]);
    }
  }
  NormalWeights weights;
  std::vector<float> deviations(count);
  std::vector<double> maxima(kDraws);
  for (double& maximum : maxima) {
    std::fill(deviations.begin(), deviations.end(), 0.0f);
    for (size_t g = 0; g < groups; ++g) {
      const float weight = weights.next();
      const float* column = columns.data() + g * count;
      for (size_t r = 0; r < count; ++r) deviations[r] += weight * column[r];
    }
    maximum = -HUGE_VAL;
    for (size_t r = 0; r < count; ++r) {
      const double deviation = two_sided ? std::abs(deviations[r]) : deviations[r];
      maximum = std::max(maximum, deviation - (shifts.empty() ? 0 : shifts[rows[r]]));
    }
  }
  const auto rank = static_cast<size_t>(std::ceil(probability * kDraws)) - 1;
  std::nth_element(maxima.begin(), maxima.begin() + static_cast<ptrdiff_t>(rank), maxima.end());
  return maxima[rank];
}

}  // namespace smol
