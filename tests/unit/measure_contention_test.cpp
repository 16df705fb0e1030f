#include <gtest/gtest.h>

#include "smol/measure/contention.h"

namespace smol {
namespace {

StageCost alone() {
  StageCost cost;
  cost.preprocessing.cpu_core_s = 0.006;
  cost.execution.cpu_core_s = 0.003;
  cost.sink.cpu_core_s = 0.001;
  return cost;
}

PipelineRate together(double core_s_per_item) {
  PipelineRate rate;
  rate.core_s_per_item = core_s_per_item;
  return rate;
}

TEST(Contention, IsTheShareByWhichTheDnnGrows) { EXPECT_NEAR(contention(together(0.0109), alone()), 0.3, 1e-9); }

TEST(Contention, IsNeverANegativeShare) { EXPECT_EQ(contention(together(0.0099), alone()), 0); }

// What the sum of two errors makes of a tiny DNN beside a slow decoder.
TEST(Contention, DoublesADnnAtMost) { EXPECT_EQ(contention(together(0.020), alone()), 1); }

TEST(Contention, OfADnnOnItsOwnDeviceIsNone) {
  StageCost on_device = alone();
  on_device.execution = {.device_s = 0.003};
  EXPECT_EQ(contention(together(0.010), on_device), 0);
}

}  // namespace
}  // namespace smol
