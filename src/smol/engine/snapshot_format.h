// The file of an input list. All numbers are little-endian u64 except where said.
//
//   header   kMagic, u32 bytes of the root, the root: what stands before every id to make its path ("photos/", or
//   "");
//            u32 bytes of the renditions, the renditions: a name, prefix and suffix each (u32 bytes, the text)
//   blocks   items one after the other: u32 bytes of the id and the flags of what follows it, the id, u8 index of the
//            rendition if the header has any (path: root, prefix, id, suffix), the region (u32 top, left, bottom,
//            right), the frame (u64 number, pts, key_pts, key_seek, bits of seconds, ends_group); a block ends once
//            it holds kBlockBytes
//   index    a block: ordinal of its first item, its offset, hash64 of its bytes
//   footer   SnapshotFooter, hash64 of (root, renditions, index, footer so far), kMagic
//
// Written in one pass with memory for one block and the index; read from any ordinal with one block in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smol/base/file_system.h"
#include "smol/base/geometry.h"
#include "smol/engine/dataset.h"
#include "smol/media/video_frames.h"

namespace smol {

inline constexpr std::string_view kSnapshotMagic = "smolin04";
inline constexpr uint32_t kSnapshotHasRegion = uint32_t{1} << 31;
inline constexpr uint32_t kSnapshotHasFrame = uint32_t{1} << 30;
inline constexpr size_t kSnapshotRegionBytes = 4 * 4;
inline constexpr size_t kSnapshotFrameBytes = 6 * 8;
inline constexpr uint64_t kSnapshotBlockBytes = 64 << 10;

struct SnapshotFooter {
  uint64_t items = 0;
  uint64_t blocks = 0;
  uint64_t index_offset = 0;
  uint64_t largest_block_bytes = 0;
  uint64_t longest_id_bytes = 0;
  uint64_t frames = 0;       // how many of the items are frames of videos
  uint64_t fingerprint = 0;  // over the root, the renditions and all items in order
};
inline constexpr size_t kSnapshotNumberBytes = 8;
inline constexpr size_t kSnapshotFooterBytes = 7 * kSnapshotNumberBytes + 8 + kSnapshotMagic.size();

struct SnapshotIndexEntry {
  uint64_t first_ordinal = 0;
  uint64_t offset = 0;
  uint64_t hash = 0;
};
inline constexpr size_t kSnapshotIndexEntryBytes = 3 * kSnapshotNumberBytes;

void append_u32(std::string& out, uint32_t value);
void append_u64(std::string& out, uint64_t value);
uint32_t read_u32(const char* bytes);
uint64_t read_u64(const char* bytes);

// The renditions as the header holds them. read_renditions() gives nothing if the bytes are not what was written.
std::string renditions_bytes(std::span<const Rendition> renditions);
std::optional<std::vector<Rendition>> read_renditions(std::string_view bytes);

// Writes to a temporary name; nothing is to be seen of it before finish(). Throws Error(kFailed).
class SnapshotWriter {
 public:
  SnapshotWriter(FileSystem& files, const std::filesystem::path& path, std::string_view root,
                 std::span<const Rendition> renditions = {});
  // Null: the whole picture; a picture. `rendition`: an index into the renditions, if there are any.
  void add(std::string_view id, const Rect* region = nullptr, const FrameRef* frame = nullptr, uint8_t rendition = 0);
  uint64_t items() const { return footer_.items; }
  void finish();

 private:
  void end_block();

  FileSystem& files_;
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::unique_ptr<WritableFile> file_;
  std::string block_;
  std::string index_;
  uint64_t block_first_ordinal_ = 0;
  uint64_t offset_ = 0;
  uint64_t header_hash_ = 0;  // of root and renditions
  bool has_renditions_ = false;
  SnapshotFooter footer_;
};

}  // namespace smol
