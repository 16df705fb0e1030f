#include "smol/media/exif.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace smol {
namespace {

constexpr uint16_t kTagOrientation = 0x0112;
constexpr uint16_t kTagThumbnailOffset = 0x0201;
constexpr uint16_t kTagThumbnailBytes = 0x0202;
constexpr uint16_t kTypeShort = 3;
constexpr uint16_t kTypeLong = 4;

// Bounded reads of a TIFF structure in either byte order.
class TiffReader {
 public:
  explicit TiffReader(std::span<const std::byte> bytes) : bytes_(bytes) {
    const std::string_view mark(reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(2, bytes.size()));
    valid_ = mark == "II" || mark == "MM";
    big_endian_ = mark == "MM";
    valid_ = valid_ && u16(2) == 42;
  }
  bool valid() const { return valid_; }
  std::optional<uint16_t> u16(size_t at) const {
    const auto value = number(at, 2);
    if (!value) return std::nullopt;
    return static_cast<uint16_t>(*value);
  }
  std::optional<uint32_t> u32(size_t at) const { return number(at, 4); }

 private:
  std::optional<uint32_t> number(size_t at, size_t count) const {
    if (at > bytes_.size() || bytes_.size() - at < count) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t index = big_endian_ ? i : count - 1 - i;
      value = value << 8 | static_cast<uint32_t>(bytes_[at + index]);
    }
    return value;
  }

  std::span<const std::byte> bytes_;
  bool valid_ = false;
  bool big_endian_ = false;
};

// The value of a SHORT or LONG entry of one element.
std::optional<uint32_t> entry_value(const TiffReader& tiff, size_t entry) {
  const auto type = tiff.u16(entry + 2);
  if (type == kTypeShort) return tiff.u16(entry + 8);
  if (type == kTypeLong) return tiff.u32(entry + 8);
  return std::nullopt;
}

// Calls `on_entry(tag, offset of entry)`; returns the offset of the next directory, if the structure holds that far.
template <typename OnEntry>
std::optional<uint32_t> walk_directory(const TiffReader& tiff, uint32_t at, OnEntry&& on_entry) {
  const auto entries = tiff.u16(at);
  if (!entries) return std::nullopt;
  for (uint32_t i = 0; i < *entries; ++i) {
    const size_t entry = size_t{at} + 2 + size_t{12} * i;
    const auto tag = tiff.u16(entry);
    if (!tag) return std::nullopt;
    on_entry(*tag, entry);
  }
  return tiff.u32(size_t{at} + 2 + size_t{12} * *entries);
}

// The segments of a JPEG up to its first scan. `visit(marker, payload)` returns true to stop.
template <typename Visit>
void walk_jpeg_segments(std::span<const std::byte> file, Visit&& visit) {
  size_t at = 2;
  while (at + 4 <= file.size()) {
    if (file[at] != std::byte{0xff}) return;
    const auto marker = static_cast<uint8_t>(file[at + 1]);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) return;
    const size_t length = static_cast<size_t>(file[at + 2]) << 8 | static_cast<size_t>(file[at + 3]);
    if (length < 2 || file.size() - at - 2 < length) return;
    if (visit(marker, file.subspan(at + 4, length - 2))) return;
    at += 2 + length;
  }
}

}  // namespace

ExifInfo parse_exif(std::span<const std::byte> bytes) {
  ExifInfo info;
  const TiffReader tiff(bytes);
  if (!tiff.valid()) return info;
  const auto first = tiff.u32(4);
  if (!first) return info;
  const auto second = walk_directory(tiff, *first, [&](uint16_t tag, size_t entry) {
    const auto value = tag == kTagOrientation ? entry_value(tiff, entry) : std::nullopt;
    if (value && *value >= 1 && *value <= 8) info.orientation = static_cast<Orientation>(*value);
  });
  if (!second || *second == 0) return info;
  uint32_t offset = 0;
  uint32_t length = 0;
  walk_directory(tiff, *second, [&](uint16_t tag, size_t entry) {
    if (tag == kTagThumbnailOffset) offset = entry_value(tiff, entry).value_or(0);
    if (tag == kTagThumbnailBytes) length = entry_value(tiff, entry).value_or(0);
  });
  if (offset > 0 && length > 0 && offset < bytes.size() && bytes.size() - offset >= length) {
    info.thumbnail = bytes.subspan(offset, length);
  }
  return info;
}

std::span<const std::byte> find_exif_in_jpeg(std::span<const std::byte> file) {
  constexpr std::string_view kSignature("Exif\0\0", 6);
  std::span<const std::byte> found;
  walk_jpeg_segments(file, [&](uint8_t marker, std::span<const std::byte> payload) {
    const bool exif = marker == 0xe1 && payload.size() > kSignature.size() &&
                      std::memcmp(payload.data(), kSignature.data(), kSignature.size()) == 0;
    if (exif) found = payload.subspan(kSignature.size());
    return exif;
  });
  return found;
}

Size find_jpeg_size(std::span<const std::byte> file) {
  Size size;
  walk_jpeg_segments(file, [&](uint8_t marker, std::span<const std::byte> payload) {
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (!frame || payload.size() < 5) return false;
    const auto number = [&](size_t at) { return static_cast<int>(payload[at]) << 8 | static_cast<int>(payload[at + 1]); };
    size = {number(1), number(3)};
    return true;
  });
  return size;
}

}  // namespace smol
