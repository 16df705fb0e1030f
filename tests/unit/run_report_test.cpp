#include "smol/engine/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(RunReport, HoldsTheQuoteAgainstWhatItCameTo) {
  RunReport report = two_busy_cores();  // 10 items/s for 10 s
  EXPECT_THAT(to_json(report), ::testing::Not(::testing::HasSubstr("quote")));
  report.quote = Quote{.cores = 2, .items_per_s = {20, 10, 40}, .seconds = {5, 2.5, 10}, .cents = {3, 1, 6}};
  const auto json = nlohmann::json::parse(to_json(report)).at("quote");
  EXPECT_DOUBLE_EQ(json["items_per_s"]["actual"], 10);
  EXPECT_DOUBLE_EQ(json["seconds"]["quoted"], 5);
  EXPECT_DOUBLE_EQ(json["seconds"]["actual"], 10);
  EXPECT_DOUBLE_EQ(json["cents"]["actual"], 6);
  EXPECT_THAT(to_table(report), ::testing::HasSubstr("5.00 s; it took +100.0 %"));
}

}  // namespace
}  // namespace smol
