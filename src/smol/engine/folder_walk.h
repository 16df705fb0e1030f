// The images below a folder, in byte-wise order of their relative paths.
//
// Files and folders whose names start with '.' are left out. Symbolic links are followed; a folder that is its own
// ancestor is not entered again. A broken link with an image's extension is an image: it fails later, as a row.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace smol {

struct FolderVisitor {
  std::function<bool(std::string_view relative)> enters;  // false: nothing below this folder
  std::function<bool(std::string_view relative)> image;   // false: stop walking
  bool every_file = false;  // regular files of any name, and nothing else, instead of images
};

struct FolderCounts {
  uint64_t skipped = 0;             // files that are hidden or no images, hidden folders; of what was walked
  uint64_t unreadable_folders = 0;  // not to be opened, or not to be read to the end
};

// `root` ends with '/'. Memory: the names of one folder and its ancestors. Throws Error(kUsage) if `root` itself
// cannot be read.
FolderCounts walk_folder(const std::string& root, const FolderVisitor& visitor);

}  // namespace smol
