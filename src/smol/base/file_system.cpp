#include "smol/base/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace smol {
namespace {

[[noreturn]] void fail(const char* action, const std::filesystem::path& path) {
  const int code = errno;
  throw FileError(std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(code), code);
}

class PosixFile final : public WritableFile {
 public:
  PosixFile(const std::filesystem::path& path, int flags) : path_(path) {
    do {
      descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
    } while (descriptor_ < 0 && errno == EINTR);
    if (descriptor_ < 0) fail("create", path);
  }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile() override { ::close(descriptor_); }

  void write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        fail("write", path_);
      }
      bytes = bytes.subspan(static_cast<size_t>(written));
    }
  }

  void sync() override {
    if (::fsync(descriptor_) != 0) fail("sync", path_);
  }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<WritableFile> create(const std::filesystem::path& path) override {
    return std::make_unique<PosixFile>(path, O_TRUNC);
  }
  std::unique_ptr<WritableFile> append(const std::filesystem::path& path) override {
    return std::make_unique<PosixFile>(path, O_APPEND);
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename", from);
  }
  void sync_directory(const std::filesystem::path& directory) override {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("open", directory);
    const int code = ::fsync(descriptor);
    const int saved = errno;
    ::close(descriptor);
    errno = saved;
    if (code != 0) fail("sync", directory);
  }
  void remove(const std::filesystem::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove", path);
  }
  void create_directories(const std::filesystem::path& directory) override {
    std::error_code ignored;
    if (directory.empty() || std::filesystem::is_directory(directory, ignored)) return;
    if (!directory.has_filename()) return create_directories(directory.parent_path());  // "out/"
    const std::filesystem::path parent = directory.parent_path();
    create_directories(parent);
    // Somebody else may have made it just now: the call below tells a folder from a file of that name.
    if (::mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) fail("create", directory);
    if (!std::filesystem::is_directory(directory, ignored)) {
      errno = ENOTDIR;
      fail("create", directory);
    }
    sync_directory(parent.empty() ? "." : parent);
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem files;
  return files;
}

void write_atomically(FileSystem& files, const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  {
    const auto file = files.create(temporary);
    file->write(bytes);
    file->sync();
  }
  files.rename(temporary, path);
  files.sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

void write_atomically(FileSystem& files, const std::filesystem::path& path, std::string_view text) {
  write_atomically(files, path, std::as_bytes(std::span(text)));
}

}  // namespace smol
