#include "smol/infer/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace smol {
namespace {

TEST(TopK, IsTheHeadOfAStableSort) {
  std::mt19937 random(1);
  std::vector<int32_t> classes;
  std::vector<float> values;
  for (int round = 0; round < 200; ++round) {
    std::vector<float> scores(1 + random() % 50);
    for (float& score : scores) score = static_cast<float>(random() % 8);  // many ties
    std::vector<int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return scores[a] > scores[b]; });
    const int k = 1 + static_cast<int>(random() % 10);
    top_k(scores, k, classes, values);
    order.resize(std::min(order.size(), static_cast<size_t>(k)));
    EXPECT_EQ(classes, order);
    for (size_t i = 0; i < classes.size(); ++i) EXPECT_EQ(values[i], scores[classes[i]]);
  }
}

TEST(TopK, PutsNanLast) {
  std::vector<int32_t> classes;
  std::vector<float> values;
  const std::vector<float> scores = {NAN, -INFINITY, NAN, 1};
  top_k(scores, 4, classes, values);
  EXPECT_EQ(classes, (std::vector<int32_t>{3, 1, 0, 2}));
}

TEST(Softmax, SumsToOneAndSurvivesLargeLogits) {
  std::vector<float> scores = {1000, 1001, 999};
  softmax_in_place(scores);
  EXPECT_NEAR(scores[0] + scores[1] + scores[2], 1, 1e-6);
  EXPECT_NEAR(scores[1] / scores[0], std::exp(1.0), 1e-4);
  std::vector<float> none;
  softmax_in_place(none);
}

}  // namespace
}  // namespace smol
