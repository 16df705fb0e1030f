#include <algorithm>
#include <bit>

#include "smol/base/hash.h"
#include "smol/engine/snapshot_format.h"

namespace smol {

void append_u32(std::string& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift);
}

void append_u64(std::string& out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift);
}

uint32_t read_u32(const char* bytes) {
  uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

uint64_t read_u64(const char* bytes) { return read_u32(bytes) | uint64_t{read_u32(bytes + 4)} << 32; }

SnapshotWriter::SnapshotWriter(FileSystem& files, const std::filesystem::path& path, std::string_view root)
    : files_(files), path_(path), temporary_(path), root_hash_(hash64(root)) {
  temporary_ += ".tmp";
  footer_.fingerprint = root_hash_;
  file_ = files_.create(temporary_);
  std::string header(kSnapshotMagic);
  append_u32(header, static_cast<uint32_t>(root.size()));
  header += root;
  file_->write(std::as_bytes(std::span(header)));
  offset_ = header.size();
}

void SnapshotWriter::add(std::string_view id, const Rect* region, const FrameRef* frame) {
  const size_t begin = block_.size();
  append_u32(block_, static_cast<uint32_t>(id.size()) | (region != nullptr ? kSnapshotHasRegion : 0) |
                         (frame != nullptr ? kSnapshotHasFrame : 0));
  block_ += id;
  if (region != nullptr) {
    for (const int side : {region->top, region->left, region->bottom, region->right}) {
      append_u32(block_, static_cast<uint32_t>(side));
    }
  }
  if (frame != nullptr) {
    for (const int64_t number : {frame->number, frame->pts, frame->key_pts, frame->key_seek,
                                 std::bit_cast<int64_t>(frame->seconds), int64_t{frame->ends_group}}) {
      append_u64(block_, static_cast<uint64_t>(number));
    }
    ++footer_.frames;
  }
  ++footer_.items;
  footer_.longest_id_bytes = std::max<uint64_t>(footer_.longest_id_bytes, id.size());
  footer_.fingerprint = hash64(std::string_view(block_).substr(begin), footer_.fingerprint);
  if (block_.size() >= kSnapshotBlockBytes) end_block();
}

void SnapshotWriter::end_block() {
  if (block_.empty()) return;
  append_u64(index_, block_first_ordinal_);
  append_u64(index_, offset_);
  append_u64(index_, hash64(block_));
  file_->write(std::as_bytes(std::span(block_)));
  offset_ += block_.size();
  block_first_ordinal_ = footer_.items;
  ++footer_.blocks;
  footer_.largest_block_bytes = std::max<uint64_t>(footer_.largest_block_bytes, block_.size());
  block_.clear();
}

void SnapshotWriter::finish() {
  end_block();
  footer_.index_offset = offset_;
  std::string footer;
  for (const uint64_t number : {footer_.items, footer_.blocks, footer_.index_offset, footer_.largest_block_bytes,
                                footer_.longest_id_bytes, footer_.frames, footer_.fingerprint}) {
    append_u64(footer, number);
  }
  append_u64(footer, hash64(footer, hash64(index_, root_hash_)));
  footer += kSnapshotMagic;
  file_->write(std::as_bytes(std::span(index_)));
  file_->write(std::as_bytes(std::span(footer)));
  file_->sync();
  file_.reset();
  files_.rename(temporary_, path_);
  files_.sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
}

}  // namespace smol
