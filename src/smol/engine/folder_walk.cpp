#include "smol/engine/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/engine/image_files.h"

namespace smol {
namespace {

// The names of one folder, packed: a pointer each and the bytes, as there may be millions.
class NameList {
 public:
  // A folder's name is kept with a '/' behind it: then the order of the names is the order of the whole paths below.
  void add(std::string_view name, bool is_folder) {
    const size_t bytes = name.size() + is_folder + 1;
    if (bytes > left_) {
      blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
      next_ = blocks_.back().get();
      left_ = kBlockBytes;
    }
    names_.push_back(next_);
    next_ = std::copy(name.begin(), name.end(), next_);
    if (is_folder) *next_++ = '/';
    *next_++ = '\0';
    left_ -= bytes;
  }

  const std::vector<const char*>& sorted() {
    std::sort(names_.begin(), names_.end(), [](const char* a, const char* b) { return std::strcmp(a, b) < 0; });
    return names_;
  }

 private:
  static constexpr size_t kBlockBytes = 64 << 10;  // a name has at most 255 bytes
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  std::vector<const char*> names_;
};

struct FolderIdentity {
  dev_t device;
  ino_t inode;
  bool operator==(const FolderIdentity&) const = default;
};

enum class EntryKind { kFolder, kFile, kOther };

EntryKind kind_of(int folder, const dirent& entry) {
  if (entry.d_type == DT_DIR) return EntryKind::kFolder;
  if (entry.d_type == DT_REG) return EntryKind::kFile;
  struct stat status{};
  if (::fstatat(folder, entry.d_name, &status, 0) != 0) return EntryKind::kOther;  // a broken link
  if (S_ISDIR(status.st_mode)) return EntryKind::kFolder;
  return S_ISREG(status.st_mode) ? EntryKind::kFile : EntryKind::kOther;
}

class Walk {
 public:
  Walk(const std::string& root, const FolderVisitor& visitor)
      : path_(root), root_bytes_(root.size()), visitor_(visitor) {}

  FolderCounts run() {
    std::optional<NameList> names = list();
    if (!names)
      throw Error(ErrorCode::kUsage, std::string("cannot read the folder: ") + std::strerror(errno) + ": " + path_);
    visit(*names);
    return counts_;
  }

 private:
  // Lists the folder at path_ and puts it among the ancestors. Nothing: it cannot be opened (errno), or is a loop
  // (0).
  std::optional<NameList> list() {
    struct Close {
      void operator()(DIR* folder) const { ::closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder(::opendir(path_.c_str()));
    if (!folder) return std::nullopt;
    struct stat status{};
    if (::fstat(::dirfd(folder.get()), &status) != 0) return std::nullopt;
    const FolderIdentity identity{status.st_dev, status.st_ino};
    if (std::find(ancestors_.begin(), ancestors_.end(), identity) != ancestors_.end()) {
      errno = 0;
      return std::nullopt;
    }
    ancestors_.push_back(identity);

    NameList names;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (name.starts_with('.')) {
        ++counts_.skipped;
        continue;
      }
      const EntryKind kind = kind_of(::dirfd(folder.get()), *entry);
      if (kind == EntryKind::kFolder) {
        names.add(name, true);
      } else if (visitor_.every_file) {
        kind == EntryKind::kFile ? names.add(name, false) : void(++counts_.skipped);
      } else if (has_media_extension(name) || (kind == EntryKind::kFile && !has_extension(name) &&
                                               is_image(::dirfd(folder.get()), entry->d_name))) {
        names.add(name, false);
      } else {
        ++counts_.skipped;
      }
    }
    if (errno != 0) ++counts_.unreadable_folders;
    return names;
  }

  static bool is_image(int folder, const char* name) {
    const Descriptor file(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return file.is_open() && starts_like_image(file.number());
  }

  // Visits what is below path_; false: stop. Takes the folder from the ancestors.
  bool visit(NameList& names) {
    const size_t path_bytes = path_.size();
    bool goes_on = true;
    for (const char* name : names.sorted()) {
      path_.resize(path_bytes);
      path_ += name;
      goes_on = path_.back() == '/' ? visit_folder() : visitor_.image(std::string_view(path_).substr(root_bytes_));
      if (!goes_on) break;
    }
    path_.resize(path_bytes);
    ancestors_.pop_back();
    return goes_on;
  }

  bool visit_folder() {
    const auto relative = std::string_view(path_).substr(root_bytes_);
    if (!visitor_.enters(relative.substr(0, relative.size() - 1))) return true;
    std::optional<NameList> names = list();
    if (names) return visit(*names);
    if (errno != 0) ++counts_.unreadable_folders;
    return true;
  }

  std::string path_;  // of the folder or file at hand; folders end with '/'
  size_t root_bytes_;
  const FolderVisitor& visitor_;
  FolderCounts counts_;
  std::vector<FolderIdentity> ancestors_;  // of path_, itself included
};

}  // namespace

FolderCounts walk_folder(const std::string& root, const FolderVisitor& visitor) { return Walk(root, visitor).run(); }

}  // namespace smol
