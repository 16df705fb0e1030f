#include "smol/engine/input_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "smol/media/decoder.h"

namespace smol {
namespace {

constexpr std::array<std::string_view, 26> kExtensions = {
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif", "jp2", "j2k", "j2c",
    "jpx", "jxl",  "tif", "tiff", "gif", "bmp",  "dib",  "ppm",  "pgm", "pbm",  "pnm", "pam", "apng"};

// The part behind the last dot, in lower case; empty if there is none.
std::string extension_of(const std::string& name) {
  const size_t dot = name.find_last_of('.');
  if (dot == std::string::npos || dot == 0) return {};
  std::string extension = name.substr(dot + 1);
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

class Walk {
 public:
  explicit Walk(const std::function<void(const std::string&)>& on_image) : on_image_(on_image) {}

  void enter(const std::string& path, const std::string& relative) {
    struct stat folder{};
    DIR* stream = ::opendir(path.c_str());
    if (stream == nullptr || ::fstat(::dirfd(stream), &folder) != 0) {
      ++counts_.unreadable_folders;
      if (stream != nullptr) ::closedir(stream);
      return;
    }
    const std::pair<dev_t, ino_t> identity{folder.st_dev, folder.st_ino};
    const bool loop = std::find(ancestors_.begin(), ancestors_.end(), identity) != ancestors_.end();
    std::vector<std::pair<std::string, bool>> entries;  // name, is a folder
    while (const dirent* entry = loop ? nullptr : ::readdir(stream)) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (name[0] == '.') {
        ++counts_.skipped;
        continue;
      }
      entries.emplace_back(name, is_folder(path + "/" + name, entry->d_type));
    }
    ::closedir(stream);
    if (loop) return;
    // Path order: a folder sorts as its name with the slash that its contents have there.
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return a.second == b.second && a.second == false
                 ? a.first < b.first
                 : a.first + (a.second ? "/" : "") < b.first + (b.second ? "/" : "");
    });
    ancestors_.push_back(identity);
    for (const auto& [name, is_a_folder] : entries) {
      const std::string below = relative.empty() ? name : relative + "/" + name;
      const std::string full = path + "/" + name;
      if (is_a_folder) {
        enter(full, below);
      } else if (has_image_extension(name) || (extension_of(name).empty() && starts_like_an_image(full))) {
        on_image_(below);
      } else {
        ++counts_.skipped;
      }
    }
    ancestors_.pop_back();
  }

  const WalkCounts& counts() const { return counts_; }

 private:
  static bool is_folder(const std::string& path, unsigned char type) {
    if (type == DT_DIR) return true;
    if (type != DT_LNK && type != DT_UNKNOWN) return false;
    struct stat target{};
    return ::stat(path.c_str(), &target) == 0 && S_ISDIR(target.st_mode);
  }

  const std::function<void(const std::string&)>& on_image_;
  std::vector<std::pair<dev_t, ino_t>> ancestors_;
  WalkCounts counts_;
};

}  // namespace

bool has_image_extension(const std::string& name) {
  const std::string extension = extension_of(name.substr(name.find_last_of('/') + 1));
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool starts_like_an_image(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  struct stat status{};
  std::array<std::byte, 64> head{};
  const ssize_t got =
      ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? ::pread(file, head.data(), head.size(), 0) : -1;
  ::close(file);
  return got > 0 && detect_format({head.data(), static_cast<size_t>(got)}).ok();
}

WalkCounts walk_images(const std::string& folder, const std::function<void(const std::string&)>& on_image) {
  Walk walk(on_image);
  walk.enter(folder, "");
  return walk.counts();
}

}  // namespace smol
