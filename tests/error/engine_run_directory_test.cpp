// Folders that smol must not touch, configurations that do not match, and manifests that were damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "smol/base/error.h"
#include "smol/engine/run_directory.h"
#include "temporary_directory.h"

namespace smol {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr char kSettings[] = R"({"batch": 8, "model": {"path": "m.onnx", "hash": "a"}, "topk": 5})";
const std::vector<std::byte> kPart(100);

class RunDirectoryErrors : public testing::Test {
 protected:
  std::string refusal(bool overwrite = false, const std::string& settings = kSettings) {
    try {
      RunDirectory(out_, overwrite, posix_file_system()).begin(settings);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(out_.string()));
      return error.what();
    }
    return "accepted";
  }

  void make_run(uint64_t chunks) {
    RunDirectory directory(out_, false, posix_file_system());
    directory.begin(kSettings);
    for (uint64_t chunk = 0; chunk < chunks; ++chunk) {
      directory.commit({chunk, 10, 1, {{"corrupt", 1}}, directory.part_name(chunk, ".csv")}, kPart);
    }
  }

  std::vector<uint64_t> committed_after_restart() {
    RunDirectory directory(out_, false, posix_file_system());
    directory.begin(kSettings);
    std::vector<uint64_t> chunks;
    for (const auto& [chunk, commit] : directory.committed()) chunks.push_back(chunk);
    return chunks;
  }

  TemporaryDirectory folder_;
  fs::path out_ = folder_ / "out";
};

TEST_F(RunDirectoryErrors, LeaveOtherPeoplesFoldersAlone) {
  for (const char* foreign : {"notes.txt", "part-000000.csv", "parts/notes.txt", "parts/part-x.csv", "run.json"}) {
    fs::remove_all(out_);
    folder_.write(std::string("out/") + foreign, "{}");
    for (const bool overwrite : {false, true}) {
      EXPECT_NE(refusal(overwrite), "accepted") << foreign;
      EXPECT_EQ(contents(out_ / foreign), "{}");
      EXPECT_FALSE(fs::exists(out_ / "lock"));
    }
  }
  fs::remove_all(out_);
  folder_.write("out", "a file");
  EXPECT_THAT(refusal(true), HasSubstr("names a file"));
}

TEST_F(RunDirectoryErrors, OverwritingDeletesOnlyOwnFiles) {
  make_run(2);
  folder_.write("out/notes.txt", "mine");
  folder_.write("out/parts/notes.txt", "mine");
  EXPECT_EQ(refusal(true), "accepted");
  EXPECT_EQ(contents(out_ / "notes.txt") + contents(out_ / "parts/notes.txt"), "minemine");
  EXPECT_FALSE(fs::exists(out_ / "parts/part-000000.csv"));
  EXPECT_TRUE(committed_after_restart().empty());
}

TEST_F(RunDirectoryErrors, RowsWithoutRunJsonAreNotDeletedUnasked) {
  make_run(1);
  fs::remove(out_ / "run.json");
  EXPECT_THAT(refusal(), HasSubstr("--overwrite to delete them"));
  EXPECT_TRUE(fs::exists(out_ / "parts/part-000000.csv"));
  EXPECT_EQ(refusal(true), "accepted");
  EXPECT_FALSE(fs::exists(out_ / "parts/part-000000.csv"));
}

TEST_F(RunDirectoryErrors, NameTheFirstSettingThatDiffers) {
  make_run(1);
  EXPECT_EQ(refusal(false, R"({"topk": 5, "model": {"hash": "a", "path": "m.onnx"}, "batch": 8})"), "accepted");
  EXPECT_EQ(refusal(false, R"({"batch": 16, "model": {"path": "m.onnx", "hash": "a"}, "topk": 5})"),
            out_.string() + " was made with batch 8, now 16: choose another -o, or --overwrite to start anew");
  EXPECT_THAT(refusal(false, R"({"batch": 8, "model": {"path": "n.onnx", "hash": "b"}, "topk": 5})"),
              HasSubstr(R"(was made with model.path "m.onnx", now "n.onnx")"));
  EXPECT_THAT(refusal(false, R"({"batch": 8, "model": {"path": "m.onnx", "hash": "a"}})"),
              HasSubstr("was made with topk 5, now none"));
  EXPECT_THAT(refusal(false, R"({"seed": 1, "batch": 8, "model": {"path": "m.onnx", "hash": "a"}, "topk": 5})"),
              HasSubstr("was made with no seed, now 1"));
  EXPECT_EQ(committed_after_restart(), std::vector<uint64_t>{0});
}

TEST_F(RunDirectoryErrors, OneProcessAtATime) {
  make_run(1);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const RunDirectory directory(out_, false, posix_file_system());
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("process " + std::to_string(child) + " is working"), HasSubstr(out_.string())));
  EXPECT_THAT(refusal(true), HasSubstr("is working"));
  EXPECT_TRUE(fs::exists(out_ / "parts/part-000000.csv"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(refusal(), "accepted");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(RunDirectoryErrors, HalfALineDoesNotCountAndIsCutAway) {
  make_run(3);
  const std::string whole = contents(out_ / "manifest.jsonl");
  const size_t third = whole.rfind('\n', whole.size() - 2) + 1;
  for (size_t bytes = third; bytes < whole.size(); ++bytes) {
    folder_.write("out/manifest.jsonl", whole.substr(0, bytes));
    folder_.write("out/parts/part-000002.csv", std::string(100, 'x'));
    EXPECT_EQ(committed_after_restart(), (std::vector<uint64_t>{0, 1})) << "cut at " << bytes;
    EXPECT_EQ(contents(out_ / "manifest.jsonl"), whole.substr(0, third));
    EXPECT_FALSE(fs::exists(out_ / "parts/part-000002.csv"));
  }
}

TEST_F(RunDirectoryErrors, WhatFollowsABrokenLineDoesNotCount) {
  make_run(2);
  const std::string whole = contents(out_ / "manifest.jsonl");
  const size_t second = whole.find('\n') + 1;
  for (const std::string& broken :
       {std::string("\n"), std::string(200, '\0') + "\n", std::string("{\"chunk\":7}\n")}) {
    folder_.write("out/parts/part-000001.csv", std::string(100, 'x'));
    folder_.write("out/manifest.jsonl", whole.substr(0, second) + broken + whole.substr(second));
    EXPECT_EQ(committed_after_restart(), std::vector<uint64_t>{0});
    EXPECT_EQ(contents(out_ / "manifest.jsonl"), whole.substr(0, second));
  }
}

TEST_F(RunDirectoryErrors, ALineWithoutItsPartDoesNotCount) {
  make_run(3);
  fs::remove(out_ / "parts/part-000000.csv");
  fs::resize_file(out_ / "parts/part-000002.csv", 99);
  EXPECT_EQ(committed_after_restart(), std::vector<uint64_t>{1});
  RunDirectory directory(out_, false, posix_file_system());
  directory.begin(kSettings);
  directory.commit({0, 10, 0, {}, directory.part_name(0, ".csv")}, kPart);
  EXPECT_EQ(directory.committed().size(), 2u);
}

TEST_F(RunDirectoryErrors, StrayFilesAreClearedAway) {
  make_run(1);
  for (const char* stray : {"parts/part-000001.csv", "parts/part-000001.csv.tmp", "inputs.tmp", "report.json.tmp"}) {
    folder_.write(std::string("out/") + stray, "x");
  }
  folder_.write("out/parts/notes.tmp", "mine");
  committed_after_restart();
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(out_ / "parts")) left.push_back(entry.path().filename());
  EXPECT_THAT(left, testing::UnorderedElementsAre("part-000000.csv", "notes.tmp"));
  EXPECT_FALSE(fs::exists(out_ / "inputs.tmp"));
  EXPECT_FALSE(fs::exists(out_ / "report.json.tmp"));
}

TEST_F(RunDirectoryErrors, MisuseIsRefused) {
  RunDirectory directory(out_, false, posix_file_system());
  EXPECT_THROW(directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, kPart), Error);
  EXPECT_THROW(directory.begin("[]"), Error);
  EXPECT_THROW(directory.begin("not JSON"), Error);
  EXPECT_FALSE(directory.has_run());
  directory.begin(kSettings);
  directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, kPart);
  EXPECT_THROW(directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, kPart), Error);
}

}  // namespace
}  // namespace smol
