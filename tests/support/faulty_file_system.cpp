#include "faulty_file_system.h"

#include <fstream>

#include "smol/base/error.h"
#include "temporary_directory.h"

namespace smol {

namespace fs = std::filesystem;

class FaultyFile final : public WritableFile {
 public:
  FaultyFile(FaultyFileSystem& files, const std::filesystem::path& path, std::unique_ptr<WritableFile> file)
      : files_(files), path_(path), file_(std::move(file)) {}

  void write(std::span<const std::byte> bytes) override {
    files_.perform(
        FileOperation::kWrite, [&] { file_->write(bytes); }, [&] { file_->write(bytes.first(bytes.size() / 2)); });
  }

  void sync() override {
    uint64_t& synced_bytes = files_.synced_bytes_[path_];
    files_.perform(
        FileOperation::kSync, [&] { synced_bytes = std::filesystem::file_size(path_); },
        [&] { std::filesystem::resize_file(path_, synced_bytes); });
  }

 private:
  FaultyFileSystem& files_;
  std::filesystem::path path_;
  std::unique_ptr<WritableFile> file_;
};

void FaultyFileSystem::perform(FileOperation operation, const std::function<void()>& whole,
                               const std::function<void()>& half) {
  const int number = counts_[static_cast<size_t>(operation)]++;
  if (has_failed_ && fault_->fails_ever_after) throw Error(ErrorCode::kFailed, "the device is gone");
  if (!fault_ || fault_->operation != operation || fault_->at != number) return whole();
  has_failed_ = true;
  if (fault_->kind == FaultKind::kDone) whole();
  if (fault_->kind == FaultKind::kHalfDone && half) half();
  if (fault_->kind == FaultKind::kPowerLost) lose_power(false);
  if (fault_->kind == FaultKind::kPowerLostWithNames) lose_power(true);
  if (fault_->instead_of_throwing) fault_->instead_of_throwing();
  throw Error(ErrorCode::kFailed, "No space left on device");
}

void FaultyFileSystem::note_creation(const fs::path& path) {
  if (!fs::exists(path)) unsynced_names_.push_back({path, {}, std::nullopt});
}

void FaultyFileSystem::lose_power(bool with_names) {
  for (const auto& [path, bytes] : synced_bytes_) {
    if (fs::exists(path) && fs::file_size(path) > bytes) fs::resize_file(path, bytes);
  }
  if (!with_names) return;
  for (auto name = unsynced_names_.rbegin(); name != unsynced_names_.rend(); ++name) {
    if (name->from.empty()) {
      fs::remove(name->path);
      continue;
    }
    fs::rename(name->path, name->from);
    if (name->replaced) std::ofstream(name->path, std::ios::binary) << *name->replaced;
  }
}

std::unique_ptr<WritableFile> FaultyFileSystem::create(const fs::path& path) {
  std::unique_ptr<WritableFile> file;
  perform(FileOperation::kCreate, [&] {
    note_creation(path);
    file = posix_file_system().create(path);
    synced_bytes_[path] = 0;
  });
  return std::make_unique<FaultyFile>(*this, path, std::move(file));
}

std::unique_ptr<WritableFile> FaultyFileSystem::append(const fs::path& path) {
  std::unique_ptr<WritableFile> file;
  perform(FileOperation::kCreate, [&] {
    note_creation(path);
    file = posix_file_system().append(path);
    synced_bytes_[path] = fs::file_size(path);
  });
  return std::make_unique<FaultyFile>(*this, path, std::move(file));
}

void FaultyFileSystem::rename(const fs::path& from, const fs::path& to) {
  perform(FileOperation::kRename, [&] {
    std::optional<std::string> replaced;
    if (fs::exists(to)) replaced = contents(to);
    posix_file_system().rename(from, to);
    unsynced_names_.push_back({to, from, std::move(replaced)});
    synced_bytes_[to] = synced_bytes_[from];
    synced_bytes_.erase(from);
  });
}

void FaultyFileSystem::sync_directory(const fs::path& directory) {
  perform(FileOperation::kSync, [&] {
    std::erase_if(unsynced_names_, [&](const UnsyncedName& name) { return name.path.parent_path() == directory; });
  });
}

void FaultyFileSystem::remove(const fs::path& path) {
  perform(FileOperation::kRemove, [&] {
    posix_file_system().remove(path);
    synced_bytes_.erase(path);
    std::erase_if(unsynced_names_, [&](const UnsyncedName& name) { return name.path == path; });
  });
}

void FaultyFileSystem::create_directories(const fs::path& directory) {
  perform(FileOperation::kCreate, [&] { fs::create_directories(directory); });
}

}  // namespace smol
