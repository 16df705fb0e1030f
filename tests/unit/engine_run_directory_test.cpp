#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/hash.h"
#include "smol/engine/run_directory.h"
#include "temporary_directory.h"

namespace smol {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(RunDirectory, KeepsWhatWasCommitted) {
  const TemporaryDirectory folder;
  const std::filesystem::path out = folder / "deep/er/out";
  const std::string settings = R"({"model":"m.onnx","batch":8})";
  {
    RunDirectory directory(out, false, posix_file_system());
    EXPECT_FALSE(directory.has_run());
    EXPECT_EQ(directory.settings(), "");
    directory.begin(settings);
    EXPECT_TRUE(directory.has_run());
    EXPECT_EQ(directory.part_name(3, ".csv"), "parts/part-000003.csv");
    EXPECT_EQ(directory.part_name(12345678, ".parquet"), "parts/part-12345678.parquet");
    directory.commit({3, 10, 2, {{"corrupt", 1}, {"truncated", 1}}, "parts/part-000003.csv"}, bytes_of("three\n"));
    directory.commit({0, 10, 0, {}, "parts/part-000000.csv"}, bytes_of(""));
    directory.write_plan("{\"plan\": 1}");
    directory.write_report("{\"report\": 1}");
  }
  const RunDirectory directory(out, false, posix_file_system());
  EXPECT_TRUE(directory.has_run());
  EXPECT_EQ(directory.settings(), settings);
  EXPECT_EQ(directory.path(), out);
  ASSERT_EQ(directory.committed().size(), 2u);
  const ChunkCommit& chunk = directory.committed().at(3);
  EXPECT_EQ(chunk.chunk, 3u);
  EXPECT_EQ(chunk.rows, 10u);
  EXPECT_EQ(chunk.failed, 2u);
  EXPECT_EQ(chunk.failed_by_code, (std::map<std::string, uint64_t>{{"corrupt", 1}, {"truncated", 1}}));
  EXPECT_EQ(contents(out / chunk.file), "three\n");
  EXPECT_EQ(contents(out / "plan.json"), "{\"plan\": 1}");
  EXPECT_EQ(contents(out / "report.json"), "{\"report\": 1}");
}

TEST(RunDirectory, WritesAManifestThatPeopleCanRead) {
  const TemporaryDirectory folder;
  RunDirectory directory(folder / "out", false, posix_file_system());
  directory.begin("{}");
  directory.commit({1, 5, 1, {{"corrupt", 1}}, "parts/part-000001.csv"}, bytes_of("rows"));
  char hash[17];
  std::snprintf(hash, sizeof(hash), "%016lx", static_cast<unsigned long>(hash64("rows")));
  EXPECT_EQ(
      contents(folder / "out/manifest.jsonl"),
      R"({"chunk":1,"rows":5,"failed":1,"failed_by_code":{"corrupt":1},"file":"parts/part-000001.csv","bytes":4,)"
      R"("hash":")" +
          std::string(hash) + "\"}\n");
}

TEST(RunDirectory, TakesAnEmptyFolder) {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "out");
  RunDirectory directory(folder / "out/", false, posix_file_system());
  EXPECT_FALSE(directory.has_run());
  directory.begin("{}");
}

}  // namespace
}  // namespace smol
