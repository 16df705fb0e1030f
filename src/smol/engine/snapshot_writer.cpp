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

std::string renditions_bytes(std::span<const Rendition> renditions) {
  std::string bytes;
  for (const Rendition& rendition : renditions) {
    for (const std::string* text : {&rendition.name, &rendition.prefix, &rendition.suffix}) {
      append_u32(bytes, static_cast<uint32_t>(text->size()));
      bytes += *text;
    }
  }
  return bytes;
}

std::optional<std::vector<Rendition>> read_renditions(std::string_view bytes) {
  std::vector<Rendition> renditions;
  while (!bytes.empty()) {
    Rendition& rendition = renditions.emplace_back();
    for (std::string* text : {&rendition.name, &rendition.prefix, &rendition.suffix}) {
      if (bytes.size() < 4) return std::nullopt;
      const uint32_t length = read_u32(bytes.data());
      bytes.remove_prefix(4);
      if (bytes.size() < length) return std::nullopt;
      *text = bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return renditions;
}

SnapshotWriter::SnapshotWriter(FileSystem& files, const std::filesystem::path& path, std::string_view root,
                               std::span<const Rendition> renditions)
    : files_(files), path_(path), temporary_(path), has_renditions_(!renditions.empty()) {
  temporary_ += ".tmp";
  const std::string table = renditions_bytes(renditions);
  header_hash_ = hash64(table, hash64(root));
  footer_.fingerprint = header_hash_;
  file_ = files_.create(temporary_);
  std::string header(kSnapshotMagic);
  append_u32(header, static_cast<uint32_t>(root.size()));
  header += root;
  append_u32(header, static_cast<uint32_t>(table.size()));
  header += table;
  file_->write(std::as_bytes(std::span(header)));
  offset_ = header.size();
}

void SnapshotWriter::add(std::string_view id, const Rect* region, const FrameRef* frame, uint8_t rendition) {
  const size_t begin = block_.size();
  append_u32(block_, static_cast<uint32_t>(id.size()) | (region != nullptr ? kSnapshotHasRegion : 0) |
                         (frame != nullptr ? kSnapshotHasFrame : 0));
  block_ += id;
  if (has_renditions_) block_ += static_cast<char>(rendition);
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
  append_u64(footer, hash64(footer, hash64(index_, header_hash_)));
  footer += kSnapshotMagic;
  file_->write(std::as_bytes(std::span(index_)));
  file_->write(std::as_bytes(std::span(footer)));
  file_->sync();
  file_.reset();
  files_.rename(temporary_, path_);
  files_.sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
}

}  // namespace smol
