// Whatever write, fsync, rename, remove or create goes wrong, and however: the next run completes the rows, exactly.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <set>
#include <sstream>

#include "faulty_file_system.h"
#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/input_list.h"
#include "smol/engine/run_directory.h"
#include "temporary_directory.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kChunks = 5;
constexpr uint64_t kChunkItems = 3;
constexpr uint64_t kItems = kChunks * kChunkItems - 1;  // the last chunk is not full

constexpr FileOperation kOperations[] = {FileOperation::kWrite, FileOperation::kSync, FileOperation::kRename,
                                         FileOperation::kRemove, FileOperation::kCreate};
constexpr FaultKind kKinds[] = {FaultKind::kRefused, FaultKind::kHalfDone, FaultKind::kDone, FaultKind::kPowerLost,
                                FaultKind::kPowerLostWithNames};

// What `smol run` does with its run directory. `commits` gets the chunks that were reported as committed.
void run(const std::string& list, const fs::path& out, FileSystem& files, std::set<uint64_t>& commits,
         bool overwrite = false) {
  RunDirectory directory(out, overwrite, files);
  InputOptions options;
  options.source = list;
  if (!directory.has_run()) snapshot_inputs(options, files, directory.inputs_path());
  InputList inputs(directory.inputs_path());
  directory.begin("{\"inputs\": " + std::to_string(inputs.fingerprint()) + "}");
  directory.write_plan("{}\n");
  RowSchema schema;
  schema.topk = 1;
  const auto encoder = make_jsonl_encoder(schema);
  for (uint64_t chunk = 0; chunk < kChunks; ++chunk) {
    if (directory.committed().contains(chunk)) continue;
    inputs.seek(chunk * kChunkItems);
    std::vector<Row> rows;
    Item item;
    while (rows.size() < kChunkItems && inputs.next(item)) {
      Row row;
      row.item = item.ordinal;
      row.id = item.id;
      row.path = item.path;
      row.ok = item.ordinal % 4 != 0;
      if (row.ok) row.classes = {static_cast<int32_t>(item.ordinal)};
      if (row.ok) row.values = {0.5f};
      rows.push_back(row);
    }
    const std::vector<std::byte> part = encoder->encode(rows);
    directory.commit({chunk, rows.size(), 0, {}, directory.part_name(chunk, encoder->extension())}, part);
    commits.insert(chunk);
  }
  directory.write_report("{}\n");
}

// The rows that a reader of the manifest finds, in chunk order. Checks that no chunk is there twice and nothing is
// left over.
std::string rows_of(const fs::path& out) {
  std::set<std::string> listed;
  std::istringstream manifest(contents(out / "manifest.jsonl"));
  for (std::string line; std::getline(manifest, line);) {
    const size_t begin = line.find("\"parts/") + 1;
    const std::string file = line.substr(begin, line.find('"', begin) - begin);
    EXPECT_TRUE(listed.insert(file).second) << file << " is listed twice";
  }
  EXPECT_EQ(listed.size(), kChunks);
  std::string rows;
  for (const std::string& file : listed) rows += contents(out / file);
  std::set<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    if (entry.is_regular_file()) found.insert(fs::relative(entry.path(), out).string());
  }
  std::set<std::string> expected = listed;
  expected.insert({"inputs", "lock", "manifest.jsonl", "plan.json", "report.json", "run.json"});
  EXPECT_EQ(found, expected);
  return rows;
}

class RunDirectoryFault : public testing::Test {
 protected:
  RunDirectoryFault() {
    std::string text;
    for (uint64_t i = 0; i < kItems; ++i) text += "photo-" + std::to_string(i) + ".jpg\n";
    list_ = folder_.write("list.txt", text);
    std::set<uint64_t> commits;
    run(list_, folder_ / "undisturbed", undisturbed_files_, commits);
    undisturbed_ = rows_of(folder_ / "undisturbed");
    EXPECT_EQ(std::count(undisturbed_.begin(), undisturbed_.end(), '\n'), static_cast<long>(kItems));
  }

  fs::path new_out() { return folder_ / ("out-" + std::to_string(outs_++)); }

  // Runs with the fault; then what was reported as committed must be there. Returns whether the fault came.
  bool run_into(const Fault& fault, const fs::path& out, std::set<uint64_t>& commits, bool overwrite = false) {
    FaultyFileSystem files(fault);
    try {
      run(list_, out, files, commits, overwrite);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kFailed) << error.what();
      EXPECT_TRUE(files.has_failed()) << error.what();
    }
    return files.has_failed();
  }

  void expect_completes(const fs::path& out, const std::set<uint64_t>& commits, bool overwrite = false) {
    FaultyFileSystem healthy;
    if (!commits.empty()) {
      RunDirectory directory(out, false, healthy);
      for (const uint64_t chunk : commits)
        EXPECT_TRUE(directory.committed().contains(chunk)) << "lost chunk " << chunk;
    }
    std::set<uint64_t> later;
    run(list_, out, healthy, later, overwrite);
    EXPECT_EQ(rows_of(out), undisturbed_);
  }

  TemporaryDirectory folder_;
  std::string list_;
  FaultyFileSystem undisturbed_files_;
  std::string undisturbed_;
  int outs_ = 0;
};

std::string text_of(const Fault& fault) {
  return "operation " + std::to_string(static_cast<int>(fault.operation)) + " number " + std::to_string(fault.at) +
         " kind " + std::to_string(static_cast<int>(fault.kind)) + (fault.fails_ever_after ? " for ever" : "");
}

TEST_F(RunDirectoryFault, EveryOperationOfASmallRunMayFail) {
  int faults = 0;
  for (const FileOperation operation : kOperations) {
    for (int at = 0; at < undisturbed_files_.count(operation); ++at) {
      for (const FaultKind kind : kKinds) {
        const bool power_is_lost = kind == FaultKind::kPowerLost || kind == FaultKind::kPowerLostWithNames;
        for (const bool for_ever : {false, true}) {
          if (power_is_lost && !for_ever) continue;
          const Fault fault{operation, kind, at, for_ever, nullptr};
          SCOPED_TRACE(text_of(fault));
          const fs::path out = new_out();
          std::set<uint64_t> commits;
          EXPECT_TRUE(run_into(fault, out, commits));
          expect_completes(out, commits);
          ++faults;
        }
      }
    }
  }
  EXPECT_GE(faults, 8 * (kChunks * 6));  // a commit alone: two writes, three syncs, one rename
}

TEST_F(RunDirectoryFault, TheContinuationMayFailAsWell) {
  std::mt19937 random(20);
  const auto any_fault = [&] {
    Fault fault;
    fault.operation = kOperations[random() % std::size(kOperations)];
    fault.kind = kKinds[random() % std::size(kKinds)];
    fault.at = static_cast<int>(random() % (undisturbed_files_.count(fault.operation) + 1));
    fault.fails_ever_after =
        fault.kind == FaultKind::kPowerLost || fault.kind == FaultKind::kPowerLostWithNames || random() % 2 == 0;
    return fault;
  };
  for (int trial = 0; trial < 200; ++trial) {
    const fs::path out = new_out();
    std::set<uint64_t> commits;
    std::string history;
    for (int failure = 0; failure < 3; ++failure) {
      const Fault fault = any_fault();
      history += text_of(fault) + "; ";
      run_into(fault, out, commits);
    }
    SCOPED_TRACE(history);
    expect_completes(out, commits);
  }
}

TEST_F(RunDirectoryFault, OverwritingMayFail) {
  FaultyFileSystem counting;
  const fs::path first = new_out();
  std::set<uint64_t> ignored;
  run(list_, first, counting, ignored);
  run(list_, first, counting, ignored, true);
  for (const FileOperation operation : kOperations) {
    for (int at = 0; at < counting.count(operation) - undisturbed_files_.count(operation); ++at) {
      const Fault fault{operation, FaultKind::kRefused, at, true, nullptr};
      SCOPED_TRACE(text_of(fault));
      const fs::path out = new_out();
      FaultyFileSystem healthy;
      run(list_, out, healthy, ignored);
      std::set<uint64_t> commits;
      EXPECT_TRUE(run_into(fault, out, commits, true));
      expect_completes(out, {}, true);
    }
  }
}

TEST_F(RunDirectoryFault, TheProcessMayBeKilledAtAnyOperation) {
  for (const FileOperation operation : kOperations) {
    for (int at = 0; at < undisturbed_files_.count(operation); ++at) {
      for (const FaultKind kind : {FaultKind::kRefused, FaultKind::kHalfDone}) {
        const Fault fault{operation, kind, at, true, [] { ::raise(SIGKILL); }};
        SCOPED_TRACE(text_of(fault));
        const fs::path out = new_out();
        const pid_t child = ::fork();
        if (child == 0) {
          std::set<uint64_t> commits;
          run_into(fault, out, commits);
          ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status));
        expect_completes(out, {});
      }
    }
  }
}

// In the runs above, plan.json is written in between and syncs the folder, too.
TEST_F(RunDirectoryFault, ACommitIsDurableByItself) {
  const fs::path out = new_out();
  const std::vector<std::byte> part(10);
  FaultyFileSystem files(Fault{FileOperation::kRemove, FaultKind::kPowerLostWithNames, 0, true, nullptr});
  {
    RunDirectory directory(out, false, files);
    directory.begin("{}");
    directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, part);
    EXPECT_THROW(files.remove(out / "nothing"), Error);
  }
  FaultyFileSystem healthy;
  EXPECT_EQ(RunDirectory(out, false, healthy).committed().size(), 1u);
}

TEST_F(RunDirectoryFault, AFullDeviceStopsTheRunWithoutDamage) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "[SKIP] no /dev/full";
  const auto file = posix_file_system().append("/dev/full");
  const std::string text = "no room";
  EXPECT_THROW(file->write(std::as_bytes(std::span(text))), Error);
}

TEST_F(RunDirectoryFault, AfterAFailureNothingIsCommittedUntilTheDirectoryIsReadAgain) {
  const std::vector<std::byte> part(10);
  for (int at = 0; at < 2; ++at) {  // of the part, of the manifest line
    FaultyFileSystem counting;
    const fs::path out = new_out();
    {
      RunDirectory(out, false, counting).begin("{}");
    }
    FaultyFileSystem files(Fault{FileOperation::kWrite, FaultKind::kHalfDone, at, false, nullptr});
    {
      RunDirectory directory(out, false, files);
      directory.begin("{}");
      EXPECT_THROW(directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, part), Error);
      EXPECT_THROW(directory.commit({1, 1, 0, {}, "parts/part-000001.csv"}, part), Error);
      EXPECT_TRUE(directory.committed().empty());
    }
    RunDirectory directory(out, false, counting);
    EXPECT_TRUE(directory.committed().empty());
    directory.begin("{}");
    directory.commit({0, 1, 0, {}, "parts/part-000000.csv"}, part);
    EXPECT_EQ(directory.committed().size(), 1u);
  }
}

}  // namespace
}  // namespace smol
