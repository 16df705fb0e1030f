#include "smol/engine/input_list.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/base/hash.h"
#include "smol/engine/snapshot_format.h"

namespace smol {

namespace {
constexpr std::string_view kOnlyRendition = "full";  // of inputs that are no dataset
constexpr size_t kMaxRunRegions = 256;  // of one picture at once: a row of a batch slot each, while it is decoded
}  // namespace

bool continues_run(const ItemRun& run, const Item& next) {
  const Item& last = run.items().back();
  if (next.id != last.id) return false;
  if (last.frame && next.frame) return !last.frame->ends_group;
  return last.region && next.region && run.items().size() < kMaxRunRegions;
}

struct InputList::Impl {
  std::filesystem::path file_path;
  Descriptor file;
  uint64_t file_bytes = 0;
  std::string root;
  std::vector<Rendition> renditions;
  size_t longest_fixed_bytes = 0;  // of root, prefix and suffix together
  SnapshotFooter footer;
  std::string block;  // large enough for any block; its first block_bytes are loaded
  uint64_t block_bytes = 0;
  uint64_t loaded_block = UINT64_MAX;
  uint64_t block_end_ordinal = 0;
  uint64_t block_offset = 0;  // of the next item within the block
  uint64_t ordinal = 0;       // of the next item

  [[noreturn]] void refuse(const char* reason) const {
    throw Error(ErrorCode::kFailed, std::string("the input list is damaged (") + reason +
                                        "): make the run anew with --overwrite: " + file_path.string());
  }

  // All of [offset, offset + bytes), or it is damaged.
  void read(char* to, uint64_t bytes, uint64_t offset) const {
    if (offset > file_bytes || bytes > file_bytes - offset) refuse("it is too short");
    while (bytes > 0) {
      const ssize_t got = ::pread(file.number(), to, bytes, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        throw Error(ErrorCode::kFailed, "cannot read " + file_path.string() + ": " + std::strerror(errno));
      }
      if (got == 0) refuse("it is too short");
      to += got;
      bytes -= static_cast<uint64_t>(got);
      offset += static_cast<uint64_t>(got);
    }
  }

  void open(const std::filesystem::path& path);
  SnapshotIndexEntry index_entry(uint64_t block_number) const;
  uint64_t block_of(uint64_t item) const;
  void load_block(uint64_t block_number);
  std::string_view take(uint64_t bytes);
  std::string_view take_item(std::optional<Rect>& region, std::optional<FrameRef>& frame,
                             const Rendition*& rendition);
};

void InputList::Impl::open(const std::filesystem::path& path) {
  file_path = path;
  file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0) {
    throw Error(ErrorCode::kFailed, "cannot open the input list " + path.string() + ": " + std::strerror(errno));
  }
  file_bytes = static_cast<uint64_t>(status.st_size);

  char header[kSnapshotMagic.size() + 4];
  char tail[kSnapshotFooterBytes];
  if (file_bytes < sizeof(header) + sizeof(tail)) refuse("it is too short");
  read(header, sizeof(header), 0);
  read(tail, sizeof(tail), file_bytes - sizeof(tail));
  const char* end_magic = tail + sizeof(tail) - kSnapshotMagic.size();
  if (std::string_view(header, kSnapshotMagic.size()) != kSnapshotMagic ||
      std::string_view(end_magic, kSnapshotMagic.size()) != kSnapshotMagic) {
    refuse("not a list of this version");
  }
  const char* number = tail;
  for (uint64_t* field : {&footer.items, &footer.blocks, &footer.index_offset, &footer.largest_block_bytes,
                          &footer.longest_id_bytes, &footer.frames, &footer.fingerprint}) {
    *field = read_u64(number);
    number += kSnapshotNumberBytes;
  }

  const uint64_t root_bytes = read_u32(header + kSnapshotMagic.size());
  const uint64_t index_bytes = file_bytes - sizeof(tail) - std::min(footer.index_offset, file_bytes - sizeof(tail));
  if (root_bytes > file_bytes || footer.blocks != index_bytes / kSnapshotIndexEntryBytes ||
      index_bytes % kSnapshotIndexEntryBytes != 0 || footer.largest_block_bytes > file_bytes) {
    refuse("its parts do not fit together");
  }
  root.resize(root_bytes);
  read(root.data(), root_bytes, sizeof(header));
  char table_size[4];
  read(table_size, sizeof(table_size), sizeof(header) + root_bytes);
  const uint64_t table_bytes = read_u32(table_size);
  if (table_bytes > file_bytes) refuse("its parts do not fit together");
  std::string table(table_bytes, '\0');
  read(table.data(), table_bytes, sizeof(header) + root_bytes + sizeof(table_size));
  std::string index(index_bytes, '\0');  // 24 bytes for every 64 KiB of names, and not kept
  read(index.data(), index_bytes, footer.index_offset);
  const std::string_view numbers(tail, static_cast<size_t>(number - tail));
  if (hash64(numbers, hash64(index, hash64(table, hash64(root)))) != read_u64(number))
    refuse("its index has changed");
  std::optional<std::vector<Rendition>> named = read_renditions(table);
  if (!named) refuse("its renditions are damaged");
  renditions = std::move(*named);
  for (const Rendition& rendition : renditions) {
    longest_fixed_bytes = std::max(longest_fixed_bytes, rendition.prefix.size() + rendition.suffix.size());
  }
  longest_fixed_bytes += root.size();
  block.resize(footer.largest_block_bytes);
}

SnapshotIndexEntry InputList::Impl::index_entry(uint64_t block_number) const {
  if (block_number == footer.blocks) return {footer.items, footer.index_offset, 0};  // where the last block ends
  char entry[kSnapshotIndexEntryBytes];
  read(entry, sizeof(entry), footer.index_offset + block_number * sizeof(entry));
  return {read_u64(entry), read_u64(entry + kSnapshotNumberBytes), read_u64(entry + 2 * kSnapshotNumberBytes)};
}

uint64_t InputList::Impl::block_of(uint64_t item) const {
  uint64_t low = 0;  // its first ordinal is <= item
  uint64_t high = footer.blocks;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    (index_entry(middle).first_ordinal <= item ? low : high) = middle;
  }
  return low;
}

void InputList::Impl::load_block(uint64_t block_number) {
  const SnapshotIndexEntry entry = index_entry(block_number);
  const SnapshotIndexEntry next_entry = index_entry(block_number + 1);
  if (next_entry.offset < entry.offset || next_entry.offset - entry.offset > block.size()) refuse("a block is lost");
  block_bytes = next_entry.offset - entry.offset;
  read(block.data(), block_bytes, entry.offset);
  if (hash64(std::string_view(block.data(), block_bytes)) != entry.hash) refuse("a block has changed");
  loaded_block = block_number;
  block_end_ordinal = next_entry.first_ordinal;
  block_offset = 0;
  ordinal = entry.first_ordinal;
}

std::string_view InputList::Impl::take(uint64_t bytes) {
  if (block_bytes - block_offset < bytes) refuse("an item is cut off");
  block_offset += bytes;
  return {block.data() + block_offset - bytes, bytes};
}

std::string_view InputList::Impl::take_item(std::optional<Rect>& region, std::optional<FrameRef>& frame,
                                            const Rendition*& rendition) {
  const uint32_t head = read_u32(take(4).data());
  const std::string_view id = take(head & ~(kSnapshotHasRegion | kSnapshotHasFrame));
  rendition = nullptr;
  if (!renditions.empty()) {
    const auto index = static_cast<unsigned char>(take(1).front());
    if (index >= renditions.size()) refuse("an item has no rendition");
    rendition = &renditions[index];
  }
  region.reset();
  if ((head & kSnapshotHasRegion) != 0) {
    const char* sides = take(kSnapshotRegionBytes).data();
    const auto side = [&](int i) { return static_cast<int>(read_u32(sides + 4 * i)); };
    region = Rect{side(0), side(1), side(2), side(3)};
  }
  frame.reset();
  if ((head & kSnapshotHasFrame) != 0) {
    const char* numbers = take(kSnapshotFrameBytes).data();
    const auto number = [&](int i) { return static_cast<int64_t>(read_u64(numbers + 8 * i)); };
    frame = FrameRef{number(0), number(1), number(2), number(3), std::bit_cast<double>(number(4)), number(5) != 0};
  }
  ++ordinal;
  return id;
}

InputList::InputList(const std::filesystem::path& snapshot) : impl_(std::make_unique<Impl>()) {
  impl_->open(snapshot);
}
InputList::~InputList() = default;

uint64_t InputList::size() const { return impl_->footer.items; }
uint64_t InputList::frames() const { return impl_->footer.frames; }
uint64_t InputList::fingerprint() const { return impl_->footer.fingerprint; }

void InputList::seek(uint64_t ordinal) {
  Impl& list = *impl_;
  if (ordinal >= list.footer.items) {
    list.ordinal = list.footer.items;
    list.block_end_ordinal = list.ordinal;
    return;
  }
  list.load_block(list.block_of(ordinal));
  std::optional<Rect> region;
  std::optional<FrameRef> frame;
  const Rendition* rendition = nullptr;
  while (list.ordinal < ordinal) list.take_item(region, frame, rendition);
}

bool InputList::next(Item& item) {
  Impl& list = *impl_;
  if (list.ordinal == list.footer.items) return false;
  if (list.ordinal == list.block_end_ordinal) list.load_block(list.loaded_block + 1);  // of UINT64_MAX: the first
  // Room for any name of this list at once, so that a longer one does not allocate later. Longer than PATH_MAX: it
  // cannot be opened anyway, and may allocate.
  const uint64_t longest_id_bytes = std::min<uint64_t>(list.footer.longest_id_bytes, PATH_MAX);
  if (item.id.capacity() < longest_id_bytes) item.id.reserve(longest_id_bytes);
  const size_t longest_path_bytes = list.longest_fixed_bytes + longest_id_bytes;
  if (item.path.capacity() < longest_path_bytes) item.path.reserve(longest_path_bytes);

  item.ordinal = list.ordinal;
  const Rendition* rendition = nullptr;
  item.id = list.take_item(item.region, item.frame, rendition);
  item.rendition = rendition != nullptr ? std::string_view(rendition->name) : kOnlyRendition;
  item.path = list.root;
  if (rendition != nullptr) item.path += rendition->prefix;
  item.path += item.id;
  if (rendition != nullptr) item.path += rendition->suffix;
  return true;
}

}  // namespace smol
