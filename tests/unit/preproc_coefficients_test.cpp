#include <gtest/gtest.h>

#include <numeric>

#include "smol/preproc/resample_coefficients.h"
#include "smol/preproc/resample_tables.h"

namespace smol {
namespace {

AxisSampling whole(int64_t input, int64_t output, ResizeFilter filter, bool antialias = true) {
  return {input, 0.0, static_cast<double>(input), output, filter, antialias};
}

void expect_weights(const AxisSampling& axis, int output, TapRange range, const std::vector<double>& want) {
  ResampleCoefficients coefficients;
  coefficients.compute(axis, output, 1);
  EXPECT_EQ(coefficients.range(0), range);
  const std::span<const double> got = coefficients.weights(0);
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-12) << i;
}

// Halving: a triangle of radius 2 around the boundary between two pixels, sampled at their centres.
TEST(ResampleCoefficients, StretchTheFilterWhenShrinking) {
  expect_weights(whole(8, 4, ResizeFilter::kBilinear), 1, {1, 4}, {0.125, 0.375, 0.375, 0.125});
  // At the border the outer tap is cut off and the others are normalised.
  expect_weights(whole(8, 4, ResizeFilter::kBilinear), 0, {0, 3}, {3.0 / 7, 3.0 / 7, 1.0 / 7});
}

TEST(ResampleCoefficients, WithoutAntialiasKeepTheSourceSupport) {
  expect_weights(whole(8, 2, ResizeFilter::kBilinear, false), 0, {1, 2}, {0.5, 0.5});
  // Bicubic half way between two pixels with a = -0.75.
  expect_weights(whole(8, 2, ResizeFilter::kBicubic, false), 0, {0, 4}, {-0.09375, 0.59375, 0.59375, -0.09375});
  // Growing: taps beyond the border repeat the border pixel.
  expect_weights(whole(2, 4, ResizeFilter::kBilinear, false), 0, {0, 1}, {1.0});
}

TEST(ResampleCoefficients, BicubicHasPillowsParameter) {
  // Growing by 2: position -0.25 from a pixel centre; a = -0.5.
  expect_weights(whole(8, 16, ResizeFilter::kBicubic), 8, {2, 4}, {-0.0234375, 0.2265625, 0.8671875, -0.0703125});
}

TEST(ResampleCoefficients, AreTheIdentityAtEqualSize) {
  for (const ResizeFilter filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
    for (const bool antialias : {true, false}) {
      ResampleCoefficients coefficients;
      coefficients.compute(whole(9, 9, filter, antialias), 0, 9);
      FixedPointTaps taps;
      taps.assign(coefficients);
      for (size_t i = 0; i < 9; ++i) {
        EXPECT_EQ(taps.ranges[i], (TapRange{static_cast<int64_t>(i), 1}));
        EXPECT_EQ(taps.weight(i, static_cast<int64_t>(i)), 1 << kWeightBits);
      }
    }
  }
}

TEST(ResampleCoefficients, SumToOneInsideThePicture) {
  for (const int64_t input : {1, 2, 3, 17, 500, 4000}) {
    for (const int64_t output : {1, 2, 3, 64, 341}) {
      for (const ResizeFilter filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
        for (const bool antialias : {true, false}) {
          ResampleCoefficients coefficients;
          coefficients.compute(whole(input, output, filter, antialias), 0, static_cast<int>(output));
          for (int i = 0; i < output; ++i) {
            const auto weights = coefficients.weights(i);
            EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.0), 1.0, 1e-12);
            EXPECT_GE(coefficients.range(i).first, 0);
            EXPECT_LE(coefficients.range(i).end(), input);
            EXPECT_GE(coefficients.range(i).count, 1);
          }
        }
      }
    }
  }
}

TEST(ResampleCoefficients, OfARunAreThoseOfTheWhole) {
  const AxisSampling axis = whole(500, 341, ResizeFilter::kBicubic);
  ResampleCoefficients all;
  ResampleCoefficients run;
  all.compute(axis, 0, 341);
  run.compute(axis, 58, 224);
  for (int i = 0; i < 224; ++i) {
    EXPECT_EQ(run.range(i), all.range(58 + i));
    EXPECT_TRUE(std::ranges::equal(run.weights(i), all.weights(58 + i)));
  }
}

TEST(FixedPointWeight, RoundsHalfAwayFromZero) {
  const double step = 1.0 / (1 << kWeightBits);
  EXPECT_EQ(fixed_point_weight(1.0), 1 << kWeightBits);
  EXPECT_EQ(fixed_point_weight(1.5 * step), 2);
  EXPECT_EQ(fixed_point_weight(1.4 * step), 1);
  EXPECT_EQ(fixed_point_weight(-1.5 * step), -2);
  EXPECT_EQ(fixed_point_weight(-1.4 * step), -1);
}

int32_t unpacked(int32_t high, int32_t low, int position) {
  const auto half = [&](int32_t packed) { return static_cast<int16_t>(packed >> (16 * position)); };
  return half(high) * (1 << kLowWeightBits) + half(low);
}

// The packed halves give back every weight, at the place where the kernel multiplies it.
TEST(ResampleTables, KeepEveryWeight) {
  for (const auto& [input, output] : {std::pair<int, int>{500, 341}, {4000, 300}, {7, 90}, {2, 5}, {1, 3}}) {
    for (const ResizeFilter filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
      for (const bool antialias : {true, false}) {
        const int first = output / 4;
        const int count = output - first;
        ResampleCoefficients coefficients;
        coefficients.compute(whole(input, output, filter, antialias), first, count);
        FixedPointTaps taps;
        taps.assign(coefficients);

        HorizontalTaps horizontal;
        horizontal.assign(taps, false);
        VerticalTaps vertical;
        vertical.assign(taps);
        std::vector<int64_t> row_of_number;  // the rows that are used, in order
        for (const UsedRows& run : vertical.used) {
          for (int64_t row = run.begin; row < run.end; ++row) row_of_number.push_back(row);
        }
        for (int i = 0; i < count; ++i) {
          const size_t n = static_cast<size_t>(i);
          std::vector<int32_t> across(static_cast<size_t>(input));
          std::vector<int32_t> down(static_cast<size_t>(input));
          for (int tap = 0; tap < horizontal.chunks * kTapsPerChunk; ++tap) {
            const size_t chunk = (n * static_cast<size_t>(horizontal.chunks) + static_cast<size_t>(tap / 4)) * 4;
            const size_t half = static_cast<size_t>(tap % 4 / 2);
            const int32_t weight =
                unpacked(horizontal.weights[chunk + half], horizontal.weights[chunk + 2 + half], tap % 2);
            const int64_t pixel = horizontal.first_pixel + horizontal.first_byte[n] / 3 + tap;
            if (weight != 0) across.at(static_cast<size_t>(pixel)) = weight;
          }
          const VerticalRow& row = vertical.rows[n];
          for (int p = 0; p < 2 * row.pairs; ++p) {
            const size_t at = row.weights + static_cast<size_t>(p / 2) * 2;
            const int32_t weight = unpacked(vertical.weights[at], vertical.weights[at + 1], p % 2);
            if (weight == 0) continue;
            EXPECT_LT(2 * row.first_pair + p, row.rows_before);
            down.at(static_cast<size_t>(row_of_number.at(static_cast<size_t>(2 * row.first_pair + p)))) = weight;
          }
          for (int pixel = 0; pixel < input; ++pixel) {
            EXPECT_EQ(across[static_cast<size_t>(pixel)], taps.weight(n, pixel));
            EXPECT_EQ(down[static_cast<size_t>(pixel)], taps.weight(n, pixel));
          }
        }
      }
    }
  }
}

// Without antialias most rows of a large picture are used by nobody, and are not resampled.
TEST(ResampleTables, SkipRowsThatNobodyNeeds) {
  ResampleCoefficients coefficients;
  coefficients.compute(whole(4000, 40, ResizeFilter::kBilinear, false), 0, 40);
  FixedPointTaps taps;
  taps.assign(coefficients);
  VerticalTaps vertical;
  vertical.assign(taps);
  EXPECT_EQ(vertical.used.size(), 40u);
  EXPECT_EQ(vertical.rows.back().rows_before, 80);
}

}  // namespace
}  // namespace smol
