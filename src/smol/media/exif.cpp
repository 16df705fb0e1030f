#include "smol/media/exif.h"

#include <string_view>

#include "smol/media/bytes.h"

namespace smol {
namespace {

constexpr uint32_t kTagOrientation = 0x0112;
constexpr uint32_t kTagThumbnailOffset = 0x0201;
constexpr uint32_t kTagThumbnailBytes = 0x0202;
constexpr size_t kEntryBytes = 12;

Orientation orientation_of(uint32_t value) {
  return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : Orientation::kUpright;
}

// A directory of at most 65535 entries; every read is checked, and no link is followed twice, so any bytes end.
class Directory {
 public:
  Directory(const NumberReader& numbers, size_t offset) : numbers_(numbers), first_(offset + 2) {
    count_ = numbers.u16(offset).value_or(0);
  }

  // The first value of the first entry of that tag, if it is an unsigned or positive integer.
  std::optional<uint32_t> integer(uint32_t tag) const {
    for (size_t i = 0; i < count_; ++i) {
      const size_t entry = first_ + i * kEntryBytes;
      const auto entry_tag = numbers_.u16(entry);
      if (!entry_tag) return std::nullopt;
      if (*entry_tag == tag) return value(entry);
    }
    return std::nullopt;
  }

  size_t next() const { return numbers_.u32(first_ + count_ * kEntryBytes).value_or(0); }

 private:
  std::optional<uint32_t> value(size_t entry) const {
    const auto type = numbers_.u16(entry + 2);
    const auto count = numbers_.u32(entry + 4);
    if (!type || !count || *count == 0) return std::nullopt;
    if (*type == 0 || *type > 13) return std::nullopt;
    const size_t unit_bytes = *type == 6 ? 1 : *type == 3 || *type == 8 ? 2 : *type == 4 || *type == 9 ? 4 : 0;
    if (unit_bytes == 0) return kNotAnInteger;
    size_t at = entry + 8;
    if (*count > 4 / unit_bytes) {  // the values stand elsewhere
      const auto offset = numbers_.u32(at);
      if (!offset) return std::nullopt;
      at = *offset;
    }
    return unit_bytes == 1 ? numbers_.u8(at) : unit_bytes == 2 ? numbers_.u16(at) : numbers_.u32(at);
  }

  static constexpr uint32_t kNotAnInteger = 0;
  const NumberReader& numbers_;
  size_t first_;
  size_t count_ = 0;
};

}  // namespace

Exif read_exif(std::span<const std::byte> tiff) {
  const bool big_endian = holds(tiff, 0, std::string_view("MM\0\x2a", 4));
  if (!big_endian && !holds(tiff, 0, std::string_view("II\x2a\0", 4))) return {};
  const NumberReader numbers(tiff, big_endian);
  const auto offset = numbers.u32(4);
  if (!offset) return {};

  Exif exif;
  const Directory image(numbers, *offset);
  if (const auto value = image.integer(kTagOrientation)) exif.orientation = orientation_of(*value);
  if (const size_t next = image.next(); next != 0 && next != *offset) {
    const Directory thumbnail(numbers, next);
    const auto begin = thumbnail.integer(kTagThumbnailOffset);
    const auto bytes = thumbnail.integer(kTagThumbnailBytes);
    if (begin && bytes) exif.thumbnail = clipped(tiff, *begin, *bytes);
  }
  return exif;
}

std::optional<Orientation> read_xmp_orientation(std::span<const std::byte> xmp) {
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  static constexpr std::string_view kKey = "tiff:Orientation";
  for (size_t at = text.find(kKey); at != std::string_view::npos; at = text.find(kKey, at + 1)) {
    std::string_view rest = text.substr(at + kKey.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9')
      return orientation_of(static_cast<uint32_t>(rest[0] - '0'));
  }
  return std::nullopt;
}

}  // namespace smol
