// The few file operations with which smol writes, behind an interface so that tests can make the n-th one fail.
//
// Reading inputs does not go through here (media/file_reader.h). All functions throw FileError that names the path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "smol/base/error.h"

namespace smol {

// A kFailed that keeps why the system refused: a caller who writes many files may go on with the next one.
class FileError : public Error {
 public:
  FileError(const std::string& message, int number) : Error(ErrorCode::kFailed, message), number_(number) {}
  int number() const { return number_; }  // errno

 private:
  int number_;
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;                         // closes without syncing
  virtual void write(std::span<const std::byte> bytes) = 0;  // all of them, at the end of the file
  virtual void sync() = 0;                                   // fsync
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<WritableFile> create(const std::filesystem::path& path) = 0;  // truncates
  virtual std::unique_ptr<WritableFile> append(const std::filesystem::path& path) = 0;  // creates if absent
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual void sync_directory(const std::filesystem::path& directory) = 0;
  virtual void remove(const std::filesystem::path& path) = 0;  // a file; it may be absent
  // With its parents; each new folder's entry is durable on return. Nothing happens if it exists.
  virtual void create_directories(const std::filesystem::path& directory) = 0;
};

// The real one. Thread-safe, lives for ever.
FileSystem& posix_file_system();

// Writes `bytes` to `path` so that a crash leaves the old file or the new one: temporary name, fsync, rename, fsync
// of the folder.
void write_atomically(FileSystem& files, const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_atomically(FileSystem& files, const std::filesystem::path& path, std::string_view text);

}  // namespace smol
