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

// File systems keep times in units from a nanosecond to two seconds (FAT), rounding them down.
timespec rounded_down(timespec time, int64_t unit_ns);

// That of a claimed folder, as the system shows a time right after it was set; 1 where it refuses to set any.
int64_t time_unit_ns(const std::filesystem::path& claimed_folder);
// What it is found by: a time that every unit rounds to another one, and the unit of what became of it (1: of none).
inline constexpr timespec kUnevenTime = {.tv_sec = 1'000'000'001, .tv_nsec = 999'999'999};
int64_t time_unit_ns(const timespec& kept_uneven_time);

// A stored file has its source's modification time: then a source that was replaced by an older one shows, too.
// Without bytes it is what a power failure leaves.
bool is_rendered_from(const std::filesystem::path& file, const timespec& modified, int64_t unit_ns);

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
