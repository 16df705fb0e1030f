#include "smol/infer/top_k.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace smol {

void top_k(std::span<const float> scores, int k, std::vector<int32_t>& classes, std::vector<float>& values) {
  classes.resize(scores.size());
  std::iota(classes.begin(), classes.end(), 0);
  const auto better = [&](int32_t a, int32_t b) {
    const float x = scores[static_cast<size_t>(a)];
    const float y = scores[static_cast<size_t>(b)];
    if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y) ? a < b : std::isnan(y);
    return x != y ? x > y : a < b;
  };
  const auto kept = std::min(static_cast<size_t>(k), scores.size());
  std::partial_sort(classes.begin(), classes.begin() + static_cast<std::ptrdiff_t>(kept), classes.end(), better);
  classes.resize(kept);
  values.clear();
  for (const int32_t index : classes) values.push_back(scores[static_cast<size_t>(index)]);
}

void softmax_in_place(std::span<float> scores) {
  if (scores.empty()) return;
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - largest);
  for (float& score : scores) score = static_cast<float>(std::exp(score - largest) / sum);
}

}  // namespace smol
