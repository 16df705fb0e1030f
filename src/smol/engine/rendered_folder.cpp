#include "smol/engine/rendered_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "smol/base/error.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRecordName = ".rendered";

// Of stored times, in nanoseconds: Linux's own, SMB, microseconds, milliseconds, exFAT, seconds, FAT.
constexpr int64_t kTimeUnits[] = {1, 100, 1'000, 1'000'000, 10'000'000, 1'000'000'000, 2'000'000'000};

int64_t ns_of(const timespec& time) { return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

void claim_rendered_folder(FileSystem& files, const fs::path& folder, std::string_view how) {
  std::ifstream in(folder / kRecordName, std::ios::binary);
  std::string before{std::istreambuf_iterator<char>(in), {}};
  if (before == std::string(how) + "\n") return;
  if (!before.empty()) {
    before.pop_back();
    throw Error(ErrorCode::kUsage, "its files were rendered in another way, or from other files (" + before +
                                       "): delete the folder, or choose another name: " + folder.string());
  }
  if (fs::exists(folder) && !fs::is_empty(folder)) {
    throw Error(ErrorCode::kUsage,
                "the folder holds files that smol did not render: choose another name: " + folder.string());
  }
  files.create_directories(folder);
  write_atomically(files, folder / kRecordName, std::string(how) + "\n");
}

std::vector<std::string> rendered_folders(const fs::path& out) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (fs::directory_iterator entry(out, ignored), end; entry != end; entry.increment(ignored)) {
    if (fs::exists(entry->path() / kRecordName, ignored)) names.push_back(entry->path().filename().string());
  }
  return names;
}

bool is_rendered_from(const fs::path& file, const timespec& modified) {
  struct stat stored{};
  if (::stat(file.c_str(), &stored) != 0 || !S_ISREG(stored.st_mode) || stored.st_size == 0) return false;
  const int64_t kept_ns = ns_of(stored.st_mtim);
  const int64_t modified_ns = ns_of(modified);
  return std::any_of(std::begin(kTimeUnits), std::end(kTimeUnits),
                     [&](int64_t unit_ns) { return kept_ns == modified_ns / unit_ns * unit_ns; });
}

PendingFile::PendingFile(fs::path place) : place_(std::move(place)), temporary_(place_) {
  temporary_ += ".tmp";
  const fs::path folder = place_.parent_path();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FileError("cannot create " + folder.string() + ": " + error.message(), error.value());
}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void PendingFile::keep(FileSystem& files, const timespec& modified) {
  // Where the system refuses to set it, the file is right all the same, and only rendered again next time.
  const timespec times[] = {{.tv_sec = 0, .tv_nsec = UTIME_NOW}, modified};
  static_cast<void>(::utimensat(AT_FDCWD, temporary_.c_str(), times, 0));
  files.rename(temporary_, place_);
  temporary_.clear();
}

}  // namespace smol
