// FNV-1a, 64 bit: names configurations and files. Stable across machines; not for security.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smol {

class Fnv64 {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      state_ ^= static_cast<uint64_t>(byte);
      state_ *= 0x100000001b3;
    }
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325;
};

std::string hex16(uint64_t value);  // sixteen lower-case digits

}  // namespace smol
