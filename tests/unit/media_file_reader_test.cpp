// Reading files: every kind of file that is none, limits, reuse, and files that change meanwhile.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "smol/media/file_reader.h"

namespace smol {
namespace {

constexpr int64_t kNoLimit = int64_t{1} << 30;

class FileReaderTest : public ::testing::Test {
 protected:
  FileReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "smol_file_reader_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileReaderTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  ItemErrorCode error_of(const std::string& file, int64_t max_bytes = kNoLimit) {
    const auto bytes = reader_.read(file, max_bytes);
    EXPECT_FALSE(bytes.ok()) << file;
    return bytes.ok() ? ItemErrorCode::kInferenceFailed : bytes.error().code;
  }
  static std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::filesystem::path folder_;
  FileReader reader_;
};

TEST_F(FileReaderTest, ReadsWholeFilesAndReusesTheBuffer) {
  const std::string large(100'000, 'x');
  const auto first = reader_.read(write("large", large), kNoLimit);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(text(*first), large);
  const std::byte* buffer = first->data();
  const auto second = reader_.read(write("small\xff name", "small"), kNoLimit);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(text(*second), "small");
  EXPECT_EQ(second->data(), buffer);
}

TEST_F(FileReaderTest, ReadsPrefixes) {
  const std::string file = write("file", "0123456789");
  EXPECT_EQ(text(*reader_.read_prefix(file, 4)), "0123");
  EXPECT_EQ(text(*reader_.read_prefix(file, 400)), "0123456789");
  EXPECT_EQ(reader_.read_prefix(path("none"), 4).error().code, ItemErrorCode::kNotFound);
}

TEST_F(FileReaderTest, HoldsTheSizeLimit) {
  const std::string file = write("file", "0123456789");
  EXPECT_TRUE(reader_.read(file, 10).ok());
  EXPECT_EQ(error_of(file, 9), ItemErrorCode::kFileTooLarge);
}

TEST_F(FileReaderTest, FollowsLinksThatLeadSomewhere) {
  std::filesystem::create_symlink(write("file", "bytes"), path("link"));
  EXPECT_EQ(text(*reader_.read(path("link"), kNoLimit)), "bytes");
  std::filesystem::create_symlink(path("nowhere"), path("dangling"));
  EXPECT_EQ(error_of(path("dangling")), ItemErrorCode::kNotFound);
  std::filesystem::create_symlink(path("loop"), path("loop"));
  EXPECT_EQ(error_of(path("loop")), ItemErrorCode::kNotFound);
}

TEST_F(FileReaderTest, NamesWhatIsNotThere) {
  EXPECT_EQ(error_of(path("none")), ItemErrorCode::kNotFound);
  EXPECT_EQ(error_of(write("file", "x") + "/inside"), ItemErrorCode::kNotFound);
  EXPECT_EQ(error_of(path(std::string(300, 'n'))), ItemErrorCode::kNotFound);
  EXPECT_EQ(error_of(write("empty", "")), ItemErrorCode::kEmptyFile);
}

TEST_F(FileReaderTest, DoesNotWaitForPipesAndDevices) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(error_of(path("pipe")), ItemErrorCode::kNotAFile);
  EXPECT_EQ(error_of("/dev/zero"), ItemErrorCode::kNotAFile);
  EXPECT_EQ(error_of(folder_.string()), ItemErrorCode::kNotAFile);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(error_of(path("socket")), ItemErrorCode::kNotAFile);
  ::close(socket);
}

TEST_F(FileReaderTest, ReportsMissingPermission) {
  const std::string file = write("secret", "x");
  ::chmod(file.c_str(), 0);
  const bool root = ::geteuid() == 0;  // who may read every file, so be somebody else for a moment
  constexpr uid_t kNobody = 65534;
  if (root && ::seteuid(kNobody) != 0) GTEST_SKIP() << "root cannot become another user here";
  const ItemErrorCode code = error_of(file);
  if (root && ::seteuid(0) != 0) std::abort();
  EXPECT_EQ(code, ItemErrorCode::kPermissionDenied);
}

TEST_F(FileReaderTest, SurvivesFilesThatShrinkAndGrow) {
  const std::string file = write("file", "x");
  std::atomic<bool> done = false;
  std::thread changer([&] {
    for (off_t size = 1; !done; size = (size * 7 + 1) % 1'000'000) {
      if (::truncate(file.c_str(), size) != 0) return;
    }
  });
  for (int i = 0; i < 2000; ++i) {
    const auto bytes = reader_.read(file, kNoLimit);
    if (bytes.ok()) {
      EXPECT_GT(bytes->size(), 0u);
    } else {
      EXPECT_EQ(bytes.error().code, ItemErrorCode::kEmptyFile);
    }
  }
  done = true;
  changer.join();
}

}  // namespace
}  // namespace smol
