// Sources that cannot be used, and snapshots that were damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faulty_file_system.h"
#include "smol/base/error.h"
#include "smol/engine/input_list.h"
#include "temporary_directory.h"

namespace smol {
namespace {

using testing::HasSubstr;

class InputErrors : public testing::Test {
 protected:
  std::string refusal(const std::string& source, std::vector<std::string> include = {}) {
    InputOptions options;
    options.source = source;
    options.include = std::move(include);
    try {
      snapshot_inputs(options, posix_file_system(), folder_ / "inputs");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_FALSE(std::filesystem::exists(folder_ / "inputs"));
      return error.what();
    }
    return "accepted";
  }

  TemporaryDirectory folder_;
};

TEST_F(InputErrors, NameTheSource) {
  EXPECT_THAT(refusal("/no/such/folder"),
              HasSubstr("cannot find the input: No such file or directory: /no/such/folder"));
  const std::string empty = folder_.write("empty.txt", "");
  EXPECT_EQ(refusal(empty), "the list holds no path: " + empty);
  EXPECT_THAT(refusal(folder_.write("blank.txt", "\n\r\n\n")), HasSubstr("holds no path"));
  EXPECT_THAT(refusal(folder_.write("zeros", std::string(1000, '\0'))), HasSubstr("holds no path"));
  EXPECT_THAT(refusal(folder_.write("utf16", std::string("\xFF\xFE"
                                                         "a\0\n\0",
                                                         6))),
              HasSubstr("UTF-16"));
  EXPECT_THAT(refusal(folder_.write("list", "a.jpg\n"), {"[x"}), HasSubstr("'[x'"));
}

TEST_F(InputErrors, RefuseFilesThatAreNoLists) {
  EXPECT_THAT(refusal(folder_.write("long", "a.jpg\n" + std::string(70'000, 'x'))),
              HasSubstr("more than 65,536 bytes"));
  EXPECT_THAT(refusal(folder_.write("long", std::string(70'000, 'x') + "\na\n")), HasSubstr("line 1"));
  std::string late_nul;
  for (int i = 0; i < 20'000; ++i) late_nul += "a.jpg\n";
  EXPECT_THAT(refusal(folder_.write("late", late_nul + std::string(1, '\0') + "\n")), HasSubstr("NUL byte"));
  EXPECT_THAT(refusal(folder_.write("late", late_nul + std::string(1, '\0') + "\n")), HasSubstr("line 20001"));
}

TEST_F(InputErrors, ALineMayBeAsLongAsTheLimit) {
  const std::string longest(64 << 10, 'x');
  EXPECT_EQ(refusal(folder_.write("list", longest + "\n" + longest + "\na\n" + longest)), "accepted");
  EXPECT_EQ(InputList(folder_ / "inputs").size(), 4u);
}

TEST_F(InputErrors, EveryDamagedByteOfASnapshotIsFound) {
  InputOptions options;
  options.source = folder_.write("list", "a.jpg\nb.jpg\nc.jpg\n");
  snapshot_inputs(options, posix_file_system(), folder_ / "inputs");
  const std::string good = contents(folder_ / "inputs");
  const auto read_all = [this](const std::string& bytes) {
    InputList list(folder_.write("damaged", bytes));
    Item item;
    while (list.next(item)) continue;
  };
  EXPECT_NO_THROW(read_all(good));
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int flipped : {1, 0x80}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flipped);
      EXPECT_THROW(read_all(bad), Error) << "byte " << at;
    }
    EXPECT_THROW(read_all(good.substr(0, at)), Error) << "cut to " << at;
  }
  EXPECT_THROW(InputList(folder_ / "missing"), Error);
}

TEST_F(InputErrors, AFailedSnapshotIsNotThere) {
  InputOptions options;
  options.source = folder_.write("list", "a.jpg\nb.jpg\n");
  FaultyFileSystem counting;
  snapshot_inputs(options, counting, folder_ / "counted");
  for (const FileOperation operation : {FileOperation::kCreate, FileOperation::kWrite, FileOperation::kSync}) {
    for (int at = 0; at < counting.count(operation); ++at) {
      const bool is_last_sync = operation == FileOperation::kSync && at == 1;  // of the folder, after the rename
      FaultyFileSystem files(Fault{operation, FaultKind::kHalfDone, at, false, nullptr});
      std::filesystem::remove(folder_ / "inputs");
      EXPECT_THROW(snapshot_inputs(options, files, folder_ / "inputs"), Error);
      EXPECT_EQ(std::filesystem::exists(folder_ / "inputs"), is_last_sync);
    }
  }
}

}  // namespace
}  // namespace smol
