// Intervals against SciPy's figures and against closed forms. How often they hold: stat/plan_coverage_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "smol/base/error.h"
#include "smol/plan/distributions.h"
#include "smol/plan/max_deviation.h"
#include "smol/plan/score_bound.h"
#include "smol/plan/statistics.h"

namespace smol {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

CalibrationSet set_of(size_t items, size_t group_size = 1, Metric metric = Metric::kTop1) {
  CalibrationSet set;
  set.metric = metric;
  for (size_t i = 0; i < items; ++i) {
    set.ids.push_back(std::to_string(i));
    set.groups.push_back(static_cast<uint32_t>(100 + i / group_size));
  }
  return set;
}

Outcomes outcomes_of(size_t items, const std::function<float(size_t)>& value) {
  Outcomes outcomes;
  for (size_t i = 0; i < items; ++i) outcomes.values.push_back(value(i));
  return outcomes;
}

// scipy.stats 1.17
TEST(Distributions, AreThoseOfSciPy) {
  EXPECT_NEAR(normal_quantile(0.975), 1.95996398, 1e-8);
  EXPECT_NEAR(normal_quantile(0.001), -3.09023231, 1e-8);
  EXPECT_NEAR(normal_cdf(1.95996398), 0.975, 1e-9);
  EXPECT_NEAR(t_quantile(0.975, 1), 12.70620474, 1e-8);
  EXPECT_NEAR(t_quantile(0.975, 5), 2.57058184, 1e-8);
  EXPECT_NEAR(t_quantile(0.975, 30), 2.04227246, 1e-8);
  EXPECT_NEAR(t_quantile(0.975, 1e9), 1.95996398, 1e-8);
  EXPECT_NEAR(beta_quantile(0.025, 0.3, 4.2), 8.25357982e-07, 1e-14);
  EXPECT_NEAR(beta_quantile(0.025, 12.5, 3), 0.583958079, 1e-8);
}

// scipy.stats.beta.ppf; the ends are those of the definition.
TEST(ClopperPearson, IsThatOfSciPy) {
  const struct {
    int64_t successes, trials;
    double low, high, confidence;
  } cases[] = {{0, 10, 0, 0.3084971078, 0.95},
               {10, 10, 0.6915028922, 1, 0.95},
               {7, 10, 0.3475471499, 0.9332604888, 0.95},
               {7, 10, 0.3933757839, 0.9127355661, 0.9},
               {610, 1000, 0.5789816843, 0.6403686600, 0.95},
               {1, 3, 0.0084037587, 0.9057006760, 0.95}};
  for (const auto& [successes, trials, low, high, confidence] : cases) {
    const Interval interval = clopper_pearson(successes, trials, confidence);
    EXPECT_NEAR(interval.low, low, 1e-9) << successes << " of " << trials;
    EXPECT_NEAR(interval.high, high, 1e-9) << successes << " of " << trials;
    EXPECT_DOUBLE_EQ(interval.value, static_cast<double>(successes) / static_cast<double>(trials));
  }
  EXPECT_EQ(clopper_pearson(0, 0), (Interval{0, 0, 1}));
}

// Against the nuisance share found by maximising the likelihood on a grid, with SciPy.
TEST(PairedScoreBound, IsTangos) {
  const double z = normal_quantile(0.95);
  EXPECT_NEAR(paired_score_bound(3, 1, 200, z), 0.0325829917, 1e-8);
  EXPECT_NEAR(paired_score_bound(10, 12, 300, z), 0.0200524625, 1e-8);
  EXPECT_NEAR(paired_score_bound(25, 5, 150, z), 0.1942554899, 1e-8);
  EXPECT_NEAR(paired_score_bound(0, 0, 100, z), z * z / (100 + z * z), 1e-12);
  EXPECT_NEAR(paired_score_bound(100, 0, 100, z), 1, 1e-9);
}

TEST(Interval, OfIndependentItemsIsNearlyClopperPearson) {
  const Interval clustered =
      interval(set_of(1000), outcomes_of(1000, [](size_t i) { return i < 610 ? 1.0f : 0.0f; }));
  const Interval exact = clopper_pearson(610, 1000);
  EXPECT_NEAR(clustered.low, exact.low, 2e-4);
  EXPECT_NEAR(clustered.high, exact.high, 2e-4);
}

TEST(Interval, CountsGroupsThatAgreeOnce) {
  // 40 groups of 25 equal items tell as much as 40 items, and t with 39 degrees of freedom is wider than normal.
  const Interval clustered =
      interval(set_of(1000, 25), outcomes_of(1000, [](size_t i) { return i / 25 < 30 ? 1.0f : 0.0f; }));
  const Interval exact = clopper_pearson(30, 40);
  EXPECT_LE(clustered.low, exact.low);
  EXPECT_GE(clustered.high, exact.high);
  EXPECT_NEAR(clustered.low, exact.low, 0.02);
  EXPECT_NEAR(clustered.high, exact.high, 0.02);
}

TEST(Interval, OfNothingButRightAnswersIsNotCertain) {
  const Interval clustered = interval(set_of(200, 10), outcomes_of(200, [](size_t) { return 1.0f; }));
  EXPECT_EQ(clustered.high, 1);
  EXPECT_LT(clustered.low, clopper_pearson(20, 20).low + 1e-9);  // as 20 groups, not as 200 items
  const Interval one_group = interval(set_of(10, 10), outcomes_of(10, [](size_t i) { return i < 5 ? 1.0f : 0.0f; }));
  EXPECT_EQ(one_group, (Interval{0.5, 0, 1}));
}

TEST(Estimate, OfTwoClassesIsTheirDefinition) {
  // 6 true and 2 false positives, 3 false and 9 true negatives.
  const Outcomes outcomes = outcomes_of(20, [](size_t i) {
    return i < 6 ? kTruePositive : i < 8 ? kFalsePositive : i < 11 ? kFalseNegative : kTrueNegative;
  });
  EXPECT_DOUBLE_EQ(estimate(set_of(20, 1, Metric::kPrecision), outcomes).value, 6.0 / 8);
  EXPECT_DOUBLE_EQ(estimate(set_of(20, 1, Metric::kRecall), outcomes).value, 6.0 / 9);
  EXPECT_DOUBLE_EQ(estimate(set_of(20, 1, Metric::kF1), outcomes).value, 12.0 / 17);
  EXPECT_EQ(estimate(set_of(20, 1, Metric::kPrecision), outcomes).items, 8);
  EXPECT_THROW(estimate(set_of(20), outcomes), Error);  // top-1 knows no such values
  EXPECT_THROW(estimate(set_of(19), outcomes), Error);
  EXPECT_THROW(estimate(set_of(0), Outcomes{}), Error);
}

TEST(Estimate, OfMeanErrorsHasTheStandardErrorOfTheMean) {
  const CalibrationSet set = set_of(9, 1, Metric::kMeanAbsoluteError);
  const Outcomes outcomes = outcomes_of(9, [](size_t i) { return static_cast<float>(i); });
  EXPECT_DOUBLE_EQ(estimate(set, outcomes).value, 4);
  EXPECT_NEAR(estimate(set, outcomes).standard_error, std::sqrt(7.5 / 9), 1e-12);  // sample variance over n
  const Interval around = interval(set, outcomes);
  EXPECT_NEAR(around.high - 4, t_quantile(0.975, 8) * std::sqrt(7.5 / 9), 1e-9);
}

TEST(ClusteredBootstrap, OfAMeanIsNearTheNormalInterval) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(10, 2);
  std::vector<std::vector<double>> columns(2);
  for (int i = 0; i < 400; ++i) {
    columns[0].push_back(normal(random));
    columns[1].push_back(1);
  }
  const auto mean = [](std::span<const double> totals) { return totals[0] / totals[1]; };
  const Interval interval = clustered_bootstrap({}, columns, mean, {.resamples = 4000});
  EXPECT_NEAR(interval.value, 10, 0.3);
  EXPECT_NEAR(interval.high - interval.low, 2 * 1.96 * 2 / 20, 0.04);
  EXPECT_EQ(clustered_bootstrap({}, columns, mean, {.resamples = 4000}), interval);  // the same seed
  const std::vector<uint32_t> one_group(400, 7);
  EXPECT_EQ(clustered_bootstrap(one_group, columns, mean).high, kInfinity);
  EXPECT_THROW(clustered_bootstrap(std::vector<uint32_t>(3), columns, mean), Error);
}

TEST(ClusteredBootstrap, ResamplesGroupsWhole) {
  // Ten groups of 40 equal values: as wide as of ten values, not of 400.
  std::vector<std::vector<double>> columns(2);
  std::vector<uint32_t> groups;
  for (uint32_t i = 0; i < 400; ++i) {
    groups.push_back(i / 40);
    columns[0].push_back(i / 40);
    columns[1].push_back(1);
  }
  const auto mean = [](std::span<const double> totals) { return totals[0] / totals[1]; };
  const Interval clustered = clustered_bootstrap(groups, columns, mean);
  const Interval independent = clustered_bootstrap({}, columns, mean);
  EXPECT_NEAR((clustered.high - clustered.low) / (independent.high - independent.low), std::sqrt(40) * 2.38 / 1.96,
              1);
}

// Of 2,000 draws the quantile has a standard deviation of 0.042.
constexpr double kThreeDeviations = 0.125;

TEST(MaxDeviation, IsTheQuantileOfTheNormalWhereThereIsOneOrAllAreOne) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  Residuals one(1);
  for (int i = 0; i < 50; ++i) one[0].push_back(normal(random));
  EXPECT_NEAR(max_deviation_quantile(one, 0.95, true), 1.96, kThreeDeviations);
  EXPECT_NEAR(max_deviation_quantile(one, 0.95, false), 1.645, kThreeDeviations);
  EXPECT_NEAR(max_deviation_quantile(Residuals(20, one[0]), 0.95, true), 1.96, kThreeDeviations);
  EXPECT_EQ(max_deviation_quantile(Residuals{}, 0.95, true), 0);
  EXPECT_EQ(max_deviation_quantile(Residuals{{0, 0, 0}}, 0.95, true), 0);
}

TEST(MaxDeviation, OfIndependentRowsIsSidaks) {
  std::mt19937_64 random(6);
  std::normal_distribution<double> normal;
  Residuals rows(10);
  for (std::vector<double>& row : rows) {
    for (int i = 0; i < 2000; ++i) row.push_back(normal(random));
  }
  const double sidak = -normal_quantile((1 - std::pow(0.95, 1.0 / 10)) / 2);
  EXPECT_NEAR(max_deviation_quantile(rows, 0.95, true), sidak, kThreeDeviations);
  // Shifted far away, nine of them cost nothing.
  std::vector<double> shifts(10, 100);
  shifts[0] = 0;
  EXPECT_NEAR(max_deviation_quantile(rows, 0.95, true, shifts), 1.96, kThreeDeviations);
}

TEST(SimultaneousIntervals, AreWiderThanOneAndNarrowerThanBonferronis) {
  std::mt19937_64 random(8);
  const CalibrationSet set = set_of(600, 5);
  std::vector<Outcomes> plans;
  for (int plan = 0; plan < 12; ++plan) {
    plans.push_back(outcomes_of(600, [&](size_t i) { return (random() % 10 < 2) != (i % 3 == 0) ? 1.0f : 0.0f; }));
  }
  const std::vector<Interval> together = simultaneous_intervals(set, plans);
  for (size_t i = 0; i < plans.size(); ++i) {
    const Interval alone = interval(set, plans[i]);
    const Interval bonferroni = interval(set, plans[i], 1 - 0.05 / 12);
    EXPECT_LT(together[i].low, alone.low);
    EXPECT_GT(together[i].high, alone.high);
    EXPECT_GE(together[i].low, bonferroni.low - 1e-12);
    EXPECT_LE(together[i].high, bonferroni.high + 1e-12);
  }
}

TEST(PairedLoss, SeesOnlyItemsOnWhichTheTwoDiffer) {
  const CalibrationSet set = set_of(500);
  const Outcomes reference = outcomes_of(500, [](size_t i) { return i < 300 ? 1.0f : 0.0f; });
  const Outcomes plan =
      outcomes_of(500, [](size_t i) { return i >= 10 && i < 302 ? 1.0f : 0.0f; });  // 10 lost, 2 won
  const PairedLoss loss = paired_loss(set, plan, reference);
  EXPECT_NEAR(loss.loss, 8.0 / 500, 1e-12);
  EXPECT_NEAR(loss.upper, paired_score_bound(10, 2, 500, normal_quantile(0.95)), 2e-4);
  EXPECT_NEAR(loss.lower, -paired_score_bound(2, 10, 500, normal_quantile(0.95)), 2e-4);
  EXPECT_TRUE(loss.resolved);
  const PairedLoss gain = paired_loss(set, reference, plan);
  EXPECT_NEAR(gain.upper, -loss.lower, 1e-12);
  EXPECT_NEAR(gain.lower, -loss.upper, 1e-12);
}

TEST(PairedLoss, OfEqualAnswersIsNotCertainlyNothing) {
  const Outcomes same = outcomes_of(60, [](size_t i) { return i % 2 == 0 ? 1.0f : 0.0f; });
  const PairedLoss loss = paired_loss(set_of(60), same, same);
  EXPECT_EQ(loss.loss, 0);
  EXPECT_GT(loss.upper, 0.03);
  EXPECT_FALSE(loss.resolved);
  EXPECT_GT(paired_loss(set_of(60, 60), same, same).upper, 1);  // one group says nothing about others
  const Outcomes clumped = outcomes_of(60, [](size_t i) { return i < 30 ? 1.0f : 0.0f; });
  EXPECT_GT(paired_loss(set_of(60, 6), clumped, clumped).upper, 0.2);  // as much as ten items say
}

TEST(PairedLoss, OfOneGroupAloneIsNoProof) {
  const Outcomes reference = outcomes_of(400, [](size_t) { return 1.0f; });
  const Outcomes spread = outcomes_of(400, [](size_t i) { return i % 40 == 0 ? 0.0f : 1.0f; });
  const Outcomes clumped = outcomes_of(400, [](size_t i) { return i < 10 ? 0.0f : 1.0f; });
  const PairedLoss one_in_ten_groups = paired_loss(set_of(400, 10), spread, reference);
  const PairedLoss ten_in_one_group = paired_loss(set_of(400, 10), clumped, reference);
  EXPECT_NEAR(one_in_ten_groups.loss, ten_in_one_group.loss, 1e-12);
  EXPECT_TRUE(one_in_ten_groups.resolved);
  EXPECT_GT(ten_in_one_group.upper, 2 * one_in_ten_groups.upper);
}

TEST(SimultaneousLosses, PayForContendersThatCouldBeTakenAndNotForHopelessOnes) {
  const CalibrationSet set = set_of(800);
  std::mt19937_64 random(9);
  const auto flipped = [&](double share) {
    return outcomes_of(800, [&](size_t i) {
      const bool right = i % 4 != 0;
      const bool flips = static_cast<double>(random() % 10000) < share * 1e4;
      return right != flips ? 1.0f : 0.0f;
    });
  };
  std::vector<Outcomes> plans = {flipped(0)};
  for (int i = 0; i < 9; ++i) plans.push_back(flipped(0.03));
  for (int i = 0; i < 9; ++i) plans.push_back(flipped(0.5));
  const std::vector<size_t> near = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<size_t> all = near;
  for (size_t i = 10; i < 19; ++i) all.push_back(i);
  const double alone = paired_loss(set, plans[1], plans[0]).upper;
  const double among_near = simultaneous_losses(set, plans, 0, near, 0.05)[0].upper;
  const double among_all = simultaneous_losses(set, plans, 0, all, 0.05)[0].upper;
  const double however_selected = simultaneous_losses(set, plans, 0, all, kInfinity)[0].upper;
  EXPECT_GT(among_near, alone);
  EXPECT_NEAR(among_all, among_near, 0.02 * among_near);
  EXPECT_GT(however_selected, among_all);
}

}  // namespace
}  // namespace smol
