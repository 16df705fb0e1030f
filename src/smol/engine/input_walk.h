// Finding the items of a folder: recursive, in byte-wise path order, with loops of links cut.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace smol {

struct WalkCounts {
  uint64_t skipped = 0;
  uint64_t unreadable_folders = 0;
};

// Calls `on_image` with the path of each image relative to `folder`. Memory: the names of the folders on the way
// down. Files whose name starts with a dot are skipped and counted, such folders are not entered.
WalkCounts walk_images(const std::string& folder, const std::function<void(const std::string&)>& on_image);

// By its extension, any case.
bool has_image_extension(const std::string& name);

// By its first bytes.
bool starts_like_an_image(const std::string& path);

}  // namespace smol
