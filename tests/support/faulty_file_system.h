// The real file system, except that one chosen operation goes wrong; nothing is really synced, to be fast.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "smol/base/file_system.h"

namespace smol {

enum class FileOperation {
  kWrite,
  kSync,
  kRename,
  kRemove,
  kCreate
};  // kSync: of files and folders; kCreate: also folders

enum class FaultKind {
  kRefused,             // nothing was done
  kHalfDone,            // half of the bytes were written; a sync lost what was written since the last one
  kDone,                // it was done, and yet reported as failed
  kPowerLost,           // like kRefused; and no file keeps more bytes than its last sync promised
  kPowerLostWithNames,  // and no folder a name, new or changed, since it was synced
};

struct Fault {
  FileOperation operation = FileOperation::kWrite;
  FaultKind kind = FaultKind::kRefused;
  int at = 0;  // which operation of this sort, from 0
  bool fails_ever_after =
      false;  // every later operation of any sort is refused, too: a dead device, a killed process
  std::function<void()> instead_of_throwing;  // say, raise(SIGKILL)
};

class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(std::optional<Fault> fault = std::nullopt) : fault_(std::move(fault)) {}

  int count(FileOperation operation) const { return counts_[static_cast<size_t>(operation)]; }
  bool has_failed() const { return has_failed_; }

  std::unique_ptr<WritableFile> create(const std::filesystem::path& path) override;
  std::unique_ptr<WritableFile> append(const std::filesystem::path& path) override;
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  void sync_directory(const std::filesystem::path& directory) override;
  void remove(const std::filesystem::path& path) override;
  void create_directories(const std::filesystem::path& directory) override;

 private:
  friend class FaultyFile;
  // Does `whole`, or what the fault makes of it: `half` (if there is such a thing; otherwise nothing), and throws.
  void perform(FileOperation operation, const std::function<void()>& whole,
               const std::function<void()>& half = nullptr);
  void note_creation(const std::filesystem::path& path);
  void lose_power(bool with_names);

  // A name that its folder may forget: `path` goes back to `from` (empty: it was new), `replaced` comes back.
  struct UnsyncedName {
    std::filesystem::path path;
    std::filesystem::path from;
    std::optional<std::string> replaced;
  };

  std::optional<Fault> fault_;
  int counts_[5] = {};
  bool has_failed_ = false;
  std::map<std::filesystem::path, uint64_t> synced_bytes_;
  std::vector<UnsyncedName> unsynced_names_;
};

}  // namespace smol
