// Bounds-checked reading of numbers from hostile bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace smol {

using Bytes = std::span<const std::byte>;

// Whether `bytes` hold `text` at `offset`.
inline bool holds(Bytes bytes, size_t offset, std::string_view text) {
  return offset <= bytes.size() && text.size() <= bytes.size() - offset &&
         std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

// The part of [offset, offset + length) that exists.
inline Bytes clipped(Bytes bytes, size_t offset, size_t length) {
  if (offset >= bytes.size()) return {};
  return bytes.subspan(offset, length < bytes.size() - offset ? length : bytes.size() - offset);
}

// Reads unsigned integers in one byte order; nullopt where they would end behind the bytes.
class NumberReader {
 public:
  NumberReader(Bytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}
  std::optional<uint32_t> u8(size_t offset) const { return number(offset, 1); }
  std::optional<uint32_t> u16(size_t offset) const { return number(offset, 2); }
  std::optional<uint32_t> u32(size_t offset) const { return number(offset, 4); }

 private:
  std::optional<uint32_t> number(size_t offset, size_t width) const {
    if (offset > bytes_.size() || width > bytes_.size() - offset) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const size_t at = big_endian_ ? offset + i : offset + width - 1 - i;
      value = (value << 8) | std::to_integer<uint32_t>(bytes_[at]);
    }
    return value;
  }

  Bytes bytes_;
  bool big_endian_;
};

}  // namespace smol
