#include "smol/engine/rendered_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

// Linux's own, SMB, microseconds, milliseconds, exFAT, seconds, FAT.
constexpr int64_t kTimeUnits[] = {1, 100, 1'000, 1'000'000, 10'000'000, 1'000'000'000, 2'000'000'000};

constexpr int64_t kSecond_ns = 1'000'000'000;

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

// Some systems refuse: whoever looks at the time sees it.
void set_modified(const fs::path& file, const timespec& modified) {
  const timespec times[] = {{.tv_sec = 0, .tv_nsec = UTIME_NOW}, modified};
  static_cast<void>(::utimensat(AT_FDCWD, file.c_str(), times, 0));
}

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

timespec rounded_down(timespec time, int64_t unit_ns) {
  if (unit_ns < kSecond_ns) {
    time.tv_nsec -= static_cast<long>(time.tv_nsec % unit_ns);
    return time;
  }
  const time_t unit_s = unit_ns / kSecond_ns;
  return {.tv_sec = time.tv_sec - (time.tv_sec % unit_s + unit_s) % unit_s, .tv_nsec = 0};  // before 1970 as well
}

int64_t time_unit_ns(const timespec& kept_uneven_time) {
  for (const int64_t unit_ns : kTimeUnits) {
    if (same(kept_uneven_time, rounded_down(kUnevenTime, unit_ns))) return unit_ns;
  }
  return 1;
}

int64_t time_unit_ns(const fs::path& claimed_folder) {
  const fs::path record = claimed_folder / kRecordName;
  set_modified(record, kUnevenTime);
  struct stat stored{};
  return ::stat(record.c_str(), &stored) == 0 ? time_unit_ns(stored.st_mtim) : 1;
}

bool is_rendered_from(const fs::path& file, const timespec& modified, int64_t unit_ns) {
  struct stat stored{};
  if (::stat(file.c_str(), &stored) != 0 || !S_ISREG(stored.st_mode) || stored.st_size == 0) return false;
  return same(stored.st_mtim, rounded_down(modified, unit_ns));
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
  set_modified(temporary_, modified);  // if refused, the file is right all the same, and rendered again next time
  files.rename(temporary_, place_);
  temporary_.clear();
}

}  // namespace smol
