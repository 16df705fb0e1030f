#include "smol/engine/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smol {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

RunReport two_busy_cores() {
  RunReport report;
  report.cores = 2;
  report.producers = 2;
  report.items = report.items_now = 100;
  report.wall_seconds = 10;
  report.times = {
      .read_ns = kSecond, .decode_ns = 10 * kSecond, .preprocess_ns = 2 * kSecond, .infer_ns = 6 * kSecond};
  return report;
}

TEST(Bottleneck, OnBusyCoresIsTheLargestStage) {
  const Bottleneck bound = bottleneck(two_busy_cores());
  EXPECT_EQ(bound.stage, "decode");
  EXPECT_THAT(bound.reason, ::testing::HasSubstr("53 %"));
}

TEST(Bottleneck, OnIdleCoresIsWhatProducersWaitFor) {
  RunReport report = two_busy_cores();
  report.wall_seconds = 40;
  report.times.slot_wait_ns = 50 * kSecond;
  EXPECT_EQ(bottleneck(report).stage, "infer");
  report.times.read_wait_ns = 60 * kSecond;
  EXPECT_EQ(bottleneck(report).stage, "read");
}

TEST(Bottleneck, IsNotAWaitThatHardlyHappened) {
  RunReport report = two_busy_cores();
  report.wall_seconds = 16;  // another process had a part of the cores
  report.times.read_wait_ns = kSecond / 10;
  EXPECT_EQ(bottleneck(report).stage, "decode");
}

TEST(RunReport, OfNothingIsStillAReport) {
  EXPECT_THAT(to_json(RunReport{}), ::testing::HasSubstr("\"items\": 0"));
  EXPECT_FALSE(to_table(RunReport{}).empty());
}

}  // namespace
}  // namespace smol
