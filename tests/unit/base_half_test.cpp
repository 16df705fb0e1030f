#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "smol/base/half.h"

namespace smol {
namespace {

TEST(Half, SurvivesTheWayThereAndBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = float_from_half(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(float_from_half(half_from_float(value))));
    } else {
      EXPECT_EQ(half_from_float(value), half) << value;
    }
  }
}

TEST(Half, RoundsToTheNearestAndHalvesToEven) {
  for (uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const float low = float_from_half(static_cast<uint16_t>(bits));
    const float high = float_from_half(static_cast<uint16_t>(bits + 1));
    const float middle = (low + high) / 2;  // exact
    const uint32_t even = bits % 2 == 0 ? bits : bits + 1;
    EXPECT_EQ(half_from_float(middle), even);
    EXPECT_EQ(half_from_float(std::nextafter(middle, low)), bits);
    EXPECT_EQ(half_from_float(std::nextafter(middle, high)), bits + 1);
    EXPECT_EQ(half_from_float(-middle), even | 0x8000u);
  }
}

TEST(Half, OverflowsToInfinity) {
  EXPECT_EQ(half_from_float(65519.99f), 0x7bff);
  EXPECT_EQ(half_from_float(65520.0f), 0x7c00);
  EXPECT_EQ(half_from_float(-1e30f), 0xfc00);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_EQ(half_from_float(1e-30f), 0);
}

}  // namespace
}  // namespace smol
