// Kept predictions, torn and damaged at every byte: what is read was written, and the file mends itself.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "smol/base/error.h"
#include "smol/measure/prediction_cache.h"
#include "temporary_directory.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kItems = 6;

ItemKey key(uint64_t number) { return {number * 7919, number}; }

Prediction prediction(uint64_t number) {
  if (number == 3) return {ItemError{ItemErrorCode::kTruncated, "the data end early"}, {}, {}};
  return {std::nullopt, {static_cast<int32_t>(number), 4}, {0.5F * static_cast<float>(number), -1}};
}

bool is(const Prediction& a, const Prediction& b) {
  return a.error.has_value() == b.error.has_value() &&
         (!a.error || (a.error->code == b.error->code && a.error->message == b.error->message)) &&
         a.classes == b.classes && a.values == b.values;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

class KeptPredictions : public testing::Test {
 protected:
  void SetUp() override {
    PredictionCache cache(folder_.path(), "model x");
    for (uint64_t i = 0; i < kItems; ++i) cache.add(key(i), prediction(i));
    cache.flush();
    file_ = cache.file();
    whole_ = read(file_);
  }
  // What is found is right. How many are.
  uint64_t found_in(const PredictionCache& cache) const {
    uint64_t found = 0;
    for (uint64_t i = 0; i < kItems; ++i) {
      const Prediction* kept = cache.find(key(i));
      if (kept == nullptr) continue;
      ++found;
      EXPECT_TRUE(is(*kept, prediction(i))) << i;
    }
    return found;
  }
  // Predicts what is not there any more, as an evaluation does.
  void expect_mended() const {
    PredictionCache cache(folder_.path(), "model x");
    for (uint64_t i = 0; i < kItems; ++i) {
      if (cache.find(key(i)) == nullptr) cache.add(key(i), prediction(i));
    }
    cache.flush();
    EXPECT_EQ(found_in(PredictionCache(folder_.path(), "model x")), kItems);
  }

  TemporaryDirectory folder_;
  fs::path file_;
  std::string whole_;
};

TEST_F(KeptPredictions, AreFoundAgainByTheSameConfigurationOnly) {
  EXPECT_EQ(found_in(PredictionCache(folder_.path(), "model x")), kItems);
  EXPECT_EQ(found_in(PredictionCache(folder_.path(), "model y")), 0);
  EXPECT_EQ(found_in(PredictionCache({}, "model x")), 0);
}

TEST_F(KeptPredictions, AFileThatIsCutAnywhereKeepsWhatIsWholeAndMends) {
  uint64_t last = 0;
  for (size_t bytes = 0; bytes <= whole_.size(); ++bytes) {
    write(file_, whole_.substr(0, bytes));
    const uint64_t found = found_in(PredictionCache(folder_.path(), "model x"));
    EXPECT_GE(found, last) << bytes;
    last = found;
    expect_mended();
  }
  EXPECT_EQ(last, kItems);
}

TEST_F(KeptPredictions, AByteThatChangedAnywhereIsNeverBelieved) {
  for (size_t place = 0; place < whole_.size(); ++place) {
    std::string damaged = whole_;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x41);
    write(file_, damaged);
    EXPECT_LT(found_in(PredictionCache(folder_.path(), "model x")), kItems) << place;
    expect_mended();
  }
}

TEST_F(KeptPredictions, BytesOfAnInterruptedWriteAreWrittenOver) {
  write(file_, whole_ + whole_.substr(whole_.size() - 20, 11));
  PredictionCache cache(folder_.path(), "model x");
  EXPECT_EQ(found_in(cache), kItems);
  cache.add(key(kItems), prediction(kItems));
  cache.flush();
  EXPECT_NE(PredictionCache(folder_.path(), "model x").find(key(kItems)), nullptr);
}

TEST_F(KeptPredictions, TwoWritersKeepBothTheirPredictions) {
  PredictionCache one(folder_.path(), "model x");
  PredictionCache other(folder_.path(), "model x");
  one.add(key(100), prediction(100));
  other.add(key(101), prediction(101));
  one.flush();
  other.flush();
  const PredictionCache both(folder_.path(), "model x");
  EXPECT_EQ(found_in(both), kItems);
  EXPECT_NE(both.find(key(100)), nullptr);
  EXPECT_NE(both.find(key(101)), nullptr);
}

TEST_F(KeptPredictions, AnErrorOfTheMomentIsNotKept) {
  PredictionCache cache(folder_.path(), "model x");
  cache.add(key(50), {ItemError{ItemErrorCode::kOutOfMemory, "not enough memory"}, {}, {}});
  cache.flush();
  EXPECT_NE(cache.find(key(50)), nullptr);  // but for this evaluation
  EXPECT_EQ(PredictionCache(folder_.path(), "model x").find(key(50)), nullptr);
}

TEST_F(KeptPredictions, AnItemIsAnotherOneWhenItsFileChanges) {
  Item item;
  item.path = (folder_.path() / "a.jpg").string();
  EXPECT_FALSE(item_key(item).has_value());
  write(item.path, "abc");
  const auto before = item_key(item);
  ASSERT_TRUE(before.has_value());
  EXPECT_EQ(item_key(item), before);
  fs::last_write_time(item.path, fs::last_write_time(item.path) + std::chrono::seconds(1));
  const auto touched = item_key(item);
  EXPECT_NE(touched, before);
  item.frame = FrameRef{};
  EXPECT_NE(item_key(item), touched);
}

TEST_F(KeptPredictions, AFolderThatCannotBeMadeIsNamed) {
  write(folder_.path() / "file", "");
  PredictionCache cache(folder_.path() / "file", "model x");
  cache.add(key(0), prediction(0));
  try {
    cache.flush();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kFailed);
    EXPECT_NE(std::string(error.what()).find("--cache"), std::string::npos);
  }
}

}  // namespace
}  // namespace smol
