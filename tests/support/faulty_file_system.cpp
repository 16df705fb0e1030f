#include "faulty_file_system.h"

#include "smol/base/error.h"

namespace smol {

class FaultyFile final : public WritableFile {
 public:
  FaultyFile(FaultyFileSystem& files, const std::filesystem::path& path, std::unique_ptr<WritableFile> file)
      : files_(files), path_(path), file_(std::move(file)), synced_bytes_(std::filesystem::file_size(path)) {}

  void write(std::span<const std::byte> bytes) override {
    files_.perform(
        FileOperation::kWrite, [&] { file_->write(bytes); }, [&] { file_->write(bytes.first(bytes.size() / 2)); });
  }

  void sync() override {
    files_.perform(
        FileOperation::kSync, [&] { synced_bytes_ = std::filesystem::file_size(path_); },
        [&] { std::filesystem::resize_file(path_, synced_bytes_); });
  }

 private:
  FaultyFileSystem& files_;
  std::filesystem::path path_;
  std::unique_ptr<WritableFile> file_;
  uint64_t synced_bytes_;
};

void FaultyFileSystem::perform(FileOperation operation, const std::function<void()>& whole,
                               const std::function<void()>& half) {
  const int number = counts_[static_cast<size_t>(operation)]++;
  if (has_failed_ && fault_->fails_ever_after) throw Error(ErrorCode::kFailed, "the device is gone");
  if (!fault_ || fault_->operation != operation || fault_->at != number) return whole();
  has_failed_ = true;
  if (fault_->kind == FaultKind::kDone) whole();
  if (fault_->kind == FaultKind::kHalfDone && half) half();
  if (fault_->instead_of_throwing) fault_->instead_of_throwing();
  throw Error(ErrorCode::kFailed, "No space left on device");
}

std::unique_ptr<WritableFile> FaultyFileSystem::create(const std::filesystem::path& path) {
  std::unique_ptr<WritableFile> file;
  perform(FileOperation::kCreate, [&] { file = posix_file_system().create(path); });
  return std::make_unique<FaultyFile>(*this, path, std::move(file));
}

std::unique_ptr<WritableFile> FaultyFileSystem::append(const std::filesystem::path& path) {
  std::unique_ptr<WritableFile> file;
  perform(FileOperation::kCreate, [&] { file = posix_file_system().append(path); });
  return std::make_unique<FaultyFile>(*this, path, std::move(file));
}

void FaultyFileSystem::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  perform(FileOperation::kRename, [&] { posix_file_system().rename(from, to); });
}

void FaultyFileSystem::sync_directory(const std::filesystem::path&) {
  perform(FileOperation::kSync, [] {});
}

void FaultyFileSystem::remove(const std::filesystem::path& path) {
  perform(FileOperation::kRemove, [&] { posix_file_system().remove(path); });
}

void FaultyFileSystem::create_directories(const std::filesystem::path& directory) {
  perform(FileOperation::kCreate, [&] { std::filesystem::create_directories(directory); });
}

}  // namespace smol
