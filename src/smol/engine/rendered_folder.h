// OUT/NAME of `smol data render`: whose files they are, and which of them are as their sources are now.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "smol/base/file_system.h"

namespace smol {

// Makes `folder`, and notes in it (`.rendered`, hidden from every walk) `how` its files are made and of what: one
// line. Throws Error(kUsage) if it was made in another way, or holds files that smol did not render; FileError.
void claim_rendered_folder(FileSystem& files, const std::filesystem::path& folder, std::string_view how);

// The names of those in `out`, in no order. None if it cannot be read.
std::vector<std::string> rendered_folders(const std::filesystem::path& out);

// In what unit of nanoseconds the file system of a claimed folder keeps modification times, rounding them down: FAT
// two seconds. Found by trying; 1 where it refuses to set them.
int64_t time_unit_ns(const std::filesystem::path& claimed_folder);

// A stored file has its source's modification time: then a source that was replaced by an older one shows, too.
// Without bytes it is what a power failure leaves.
bool is_rendered_from(const std::filesystem::path& file, const timespec& modified, int64_t time_unit_ns);

// A file that appears whole, if keep() is called; otherwise nothing is left of it.
class PendingFile {
 public:
  explicit PendingFile(std::filesystem::path place);  // makes the folders above it; throws FileError
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();
  const std::filesystem::path& temporary() const { return temporary_; }  // to write to
  void keep(FileSystem& files, const timespec& modified);                // renames; throws FileError

 private:
  std::filesystem::path place_;
  std::filesystem::path temporary_;
};

}  // namespace smol
