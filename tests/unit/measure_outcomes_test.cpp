// Outcomes of predictions, counted by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "smol/measure/outcomes.h"

namespace smol {
namespace {

using testing::ElementsAre;

Prediction said(std::vector<int32_t> classes) {
  std::vector<float> values(classes.size(), 1);
  return {std::nullopt, std::move(classes), std::move(values)};
}

const Prediction kFailed{ItemError{ItemErrorCode::kTruncated, "cut off"}, {}, {}};

TEST(Outcomes, TopKTakesAnyRightClassAmongTheBest) {
  const std::vector<Prediction> predictions = {said({3, 1, 2}), said({1, 3}), said({5, 4, 2}), kFailed};
  const std::vector<RightClasses> right = {{1, 3}, {3}, {7}, {0}};
  EXPECT_THAT(top_k_outcomes(predictions, right, 1).values, ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(top_k_outcomes(predictions, right, 2).values, ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(top_k_outcomes(predictions, right, 5).values, ElementsAre(1, 1, 0, 0));
}

TEST(Outcomes, BinaryCountsAFailedItemAsTheWrongAnswer) {
  const std::vector<Prediction> predictions = {said({1, 0}), said({1, 0}), said({0, 1}),
                                               said({0, 1}), kFailed,      kFailed};
  const std::vector<RightClasses> right = {{1}, {0}, {1}, {0}, {1}, {0}};
  EXPECT_THAT(
      binary_outcomes(predictions, right, 1).values,
      ElementsAre(kTruePositive, kFalsePositive, kFalseNegative, kTrueNegative, kFalseNegative, kFalsePositive));
  EXPECT_THAT(
      binary_outcomes(predictions, right, 0).values,
      ElementsAre(kTrueNegative, kFalseNegative, kFalsePositive, kTruePositive, kFalsePositive, kFalseNegative));
}

TEST(Outcomes, AbsoluteErrorsOfWhatHasNoAnswerAreThoseOfZero) {
  const Prediction not_a_number{std::nullopt, {0}, {std::numeric_limits<float>::quiet_NaN()}};
  const std::vector<Prediction> predictions = {{std::nullopt, {0}, {2.5F}}, kFailed, not_a_number};
  EXPECT_THAT(absolute_errors(predictions, std::vector<double>{4, -3, 2}).values, ElementsAre(1.5F, 3, 2));
}

TEST(Outcomes, AgreementHasNoRightClassWhereTheReferenceFailed) {
  EXPECT_THAT(best_classes(std::vector<Prediction>{said({4, 1}), kFailed}),
              ElementsAre(ElementsAre(4), ElementsAre()));
}

}  // namespace
}  // namespace smol
