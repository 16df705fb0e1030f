#include "make_exif.h"

namespace smol::test {
namespace {

constexpr uint32_t kHeaderBytes = 8;

uint32_t directory_bytes(const std::vector<ExifEntry>& entries) {
  return static_cast<uint32_t>(2 + 12 * entries.size() + 4);
}

std::string encode(const std::vector<ExifEntry>& entries, uint32_t next, bool big_endian) {
  std::string text = number16(static_cast<uint32_t>(entries.size()), big_endian);
  for (const ExifEntry& entry : entries) {
    text += number16(entry.tag, big_endian) + number16(entry.type, big_endian) + number32(entry.count, big_endian);
    text += (entry.value + std::string(4, '\0')).substr(0, 4);
  }
  return text + number32(next, big_endian);
}

}  // namespace

std::string number16(uint32_t value, bool big_endian) {
  const char low = static_cast<char>(value & 255);
  const char high = static_cast<char>(value >> 8 & 255);
  return big_endian ? std::string{high, low} : std::string{low, high};
}

std::string number32(uint32_t value, bool big_endian) {
  const std::string high = number16(value >> 16, big_endian);
  const std::string low = number16(value & 0xffff, big_endian);
  return big_endian ? high + low : low + high;
}

std::string make_exif(bool big_endian, const std::vector<ExifEntry>& first, const std::vector<ExifEntry>& second,
                      const std::string& tail) {
  const uint32_t next = second.empty() ? 0 : kHeaderBytes + directory_bytes(first);
  std::string text = (big_endian ? "MM" : "II") + number16(42, big_endian) + number32(kHeaderBytes, big_endian);
  text += encode(first, next, big_endian);
  if (!second.empty()) text += encode(second, 0, big_endian);
  return text + tail;
}

std::string make_orientation_exif(uint32_t orientation, bool big_endian) {
  return make_exif(big_endian, {{0x0112, 3, 1, number16(orientation, big_endian)}});
}

std::string make_thumbnail_exif(uint32_t orientation, const std::string& thumbnail, bool big_endian) {
  const std::vector<ExifEntry> first = {{0x0112, 3, 1, number16(orientation, big_endian)}};
  std::vector<ExifEntry> second = {{0x0201, 4, 1, {}}, {0x0202, 4, 1, {}}};
  const uint32_t offset = kHeaderBytes + directory_bytes(first) + directory_bytes(second);
  second[0].value = number32(offset, big_endian);
  second[1].value = number32(static_cast<uint32_t>(thumbnail.size()), big_endian);
  return make_exif(big_endian, first, second, thumbnail);
}

}  // namespace smol::test
