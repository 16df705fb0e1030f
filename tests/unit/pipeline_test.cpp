// Proves: one row an item through real decoders and executors, whatever batch size and threads; answers independent
// of both; failures of files, batches and sinks arrive where they should.
#include "smol/engine/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "instant_session.h"
#include "listed_source.h"
#include "make_jpeg.h"
#include "make_png.h"
#include "temporary_directory.h"

namespace smol {
namespace {

using test::CollectingSink;
using test::InstantSession;
using test::ListedSource;

constexpr int kOutputs = 4;

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

PipelineSettings settings_for(int producers) {
  PipelineSettings settings;
  settings.graph = preset_graph("imagenet", {16, 16});
  settings.producers = producers;
  settings.topk = 2;
  return settings;
}

// 30 pictures of several sizes, every fifth path a broken or missing file.
class PipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 30; ++i) {
      std::vector<std::byte> jpeg =
          test::make_jpeg({.size = {20 + i, 40}, .horizontal = 2, .vertical = 2, .seed = static_cast<unsigned>(i)});
      if (i % 5 == 3) jpeg.resize(jpeg.size() / 2);
      paths_.push_back(folder_.write(std::to_string(i) + ".jpg", text_of(jpeg)));
    }
    paths_[8] = "/nowhere/missing.jpg";
  }

  std::vector<Row> run(int producers, int64_t batch, uint64_t fail_every = 0, const EngineMeans& means = {}) {
    PipelineSettings settings = settings_for(producers);
    settings.means = means;
    InstantSession session(batch, output_spec(settings.graph), kOutputs, fail_every);
    ListedSource source(paths_);
    CollectingSink sink;
    LiveCounters live;
    const PipelineResult result = run_pipeline(settings, session, source, sink, live);
    EXPECT_EQ(live.items, paths_.size());
    EXPECT_GT(result.times.busy_ns(), 0);
    std::sort(sink.rows.begin(), sink.rows.end(), [](const Row& a, const Row& b) { return a.item < b.item; });
    return sink.rows;
  }

  TemporaryDirectory folder_;
  std::vector<std::string> paths_;
};

TEST_F(PipelineTest, OneRowAnItemWhateverThreadsAndBatch) {
  const std::vector<Row> expected = run(1, 1);
  ASSERT_EQ(expected.size(), paths_.size());
  for (const int producers : {1, 3}) {
    for (const int64_t batch : {1, 7, 64}) {
      const std::vector<Row> rows = run(producers, batch);
      ASSERT_EQ(rows.size(), expected.size());
      for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].item, i);
        EXPECT_EQ(rows[i].path, paths_[i]);
        EXPECT_EQ(rows[i].ok, expected[i].ok);
        EXPECT_EQ(rows[i].error_code, expected[i].error_code);
        EXPECT_EQ(rows[i].values, expected[i].values);
        EXPECT_EQ(rows[i].classes, expected[i].classes);
      }
    }
  }
}

// What the bench switches off costs time, not answers.
TEST_F(PipelineTest, GivesTheSameAnswersWithoutEachOfItsMeans) {
  const std::vector<Row> expected = run(2, 4);
  for (const EngineMeans& means :
       {EngineMeans{.fusion = false}, EngineMeans{.crop_in_decoder = false}, EngineMeans{.buffer_reuse = false},
        EngineMeans{.over_allocation = false}, EngineMeans{false, false, false, false}}) {
    const std::vector<Row> rows = run(2, 4, 0, means);
    ASSERT_EQ(rows.size(), expected.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].error_code, expected[i].error_code);
      EXPECT_EQ(rows[i].classes, expected[i].classes);
      ASSERT_EQ(rows[i].values.size(), expected[i].values.size());
      for (size_t v = 0; v < rows[i].values.size(); ++v) {
        const float rounding = means.fusion ? 0 : 1e-5f * std::abs(expected[i].values[v]) + 1e-5f;
        EXPECT_NEAR(rows[i].values[v], expected[i].values[v], rounding);
      }
    }
  }
}

TEST_F(PipelineTest, BadItemsAreRowsWithCodesAndSizes) {
  const std::vector<Row> rows = run(2, 4);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].ok, i % 5 != 3) << i;
    if (i == 8) {
      EXPECT_EQ(rows[i].error_code, ItemErrorCode::kNotFound);
      EXPECT_EQ(rows[i].width, 0);
    } else if (i % 5 == 3) {
      EXPECT_EQ(rows[i].error_code, ItemErrorCode::kTruncated);
      EXPECT_EQ(rows[i].width, 40);
      EXPECT_FALSE(rows[i].error.empty());
    }
  }
}

TEST_F(PipelineTest, AFailedBatchFailsItsItemsOnly) {
  const std::vector<Row> rows = run(1, 4, 2);
  const auto failed = std::count_if(rows.begin(), rows.end(), [](const Row& row) {
    return !row.ok && row.error_code == ItemErrorCode::kInferenceFailed;
  });
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, 24);
  EXPECT_EQ(rows.size(), paths_.size());
}

TEST_F(PipelineTest, AThrowingSinkEndsTheRunWithItsException) {
  class ThrowingSink final : public RowSink {
   public:
    void add(Row&&) override { throw std::runtime_error("the sink is full"); }
  };
  for (const int producers : {1, 4}) {
    InstantSession session(2, output_spec(settings_for(producers).graph), kOutputs);
    ListedSource source(paths_);
    ThrowingSink sink;
    LiveCounters live;
    EXPECT_THROW(run_pipeline(settings_for(producers), session, source, sink, live), std::runtime_error);
  }
}

// While it lives, threads reserve 64 MiB for their stacks, and there is room for about `threads` of them.
class FewThreads {
 public:
  explicit FewThreads(rlim_t threads) {
    pthread_getattr_default_np(&default_);
    pthread_attr_t large;
    pthread_getattr_default_np(&large);
    pthread_attr_setstacksize(&large, kStackBytes);
    pthread_setattr_default_np(&large);
    pthread_attr_destroy(&large);
    getrlimit(RLIMIT_AS, &unlimited_);
    rlim_t used_pages = 0;
    std::ifstream("/proc/self/statm") >> used_pages;
    const rlim_t bytes = used_pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + threads * kStackBytes;
    const rlimit limited{bytes, unlimited_.rlim_max};
    setrlimit(RLIMIT_AS, &limited);
  }
  ~FewThreads() {
    setrlimit(RLIMIT_AS, &unlimited_);
    pthread_setattr_default_np(&default_);
    pthread_attr_destroy(&default_);
  }
  FewThreads(const FewThreads&) = delete;
  FewThreads& operator=(const FewThreads&) = delete;

 private:
  static constexpr size_t kStackBytes = size_t{64} << 20;
  pthread_attr_t default_{};
  rlimit unlimited_{};
};

TEST_F(PipelineTest, TooFewThreadsEndTheRun) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more address space than the limit leaves";
#endif
  constexpr int kProducers = 64;
  InstantSession session(2, output_spec(settings_for(1).graph), kOutputs);
  ListedSource source(paths_);
  CollectingSink sink;
  LiveCounters live;
  const FewThreads limit(8);
  EXPECT_THROW(run_pipeline(settings_for(kProducers), session, source, sink, live), std::system_error);
}

TEST_F(PipelineTest, NoItemsNoRows) {
  paths_.clear();
  EXPECT_TRUE(run(2, 8).empty());
}

}  // namespace
}  // namespace smol
