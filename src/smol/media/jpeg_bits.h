// The bits of a JPEG's entropy-coded data.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace smol {

// Reads up to the next marker and no further. Past it come zeros, and overrun() tells. To be copied into a local
// variable where it is used much.
class JpegBits {
 public:
  JpegBits() = default;
  JpegBits(const uint8_t* begin, const uint8_t* end) : next_(begin), end_(end) {}

  // Makes the next 56 bits available, or all there are.
  void refill() {
    if (end_ - next_ >= 8) {
      uint64_t word;
      std::memcpy(&word, next_, sizeof(word));
      if (!holds_ff(word)) [[likely]] {
        if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
        // Bits that are not counted yet stay in place: they come again, and are the same.
        bits_ |= word >> count_;
        next_ += (63 - count_) >> 3;
        count_ |= 56;
        return;
      }
    }
    refill_bytewise();
  }
  uint64_t bits() const { return bits_; }  // the next, the first one on top
  void skip(int count) {                   // of the bits that refill() made available
    bits_ <<= count;
    count_ -= count;
  }
  bool overrun() const { return count_ < 0; }

  // What begins at the next whole byte; nothing may stand in front of it but the padding of the last one.
  bool at_marker(int code) const {
    return count_ >= 0 && count_ < 8 && end_ - next_ >= 2 && next_[0] == 0xff && next_[1] == code;
  }
  void pass_marker() { *this = JpegBits(next_ + 2, end_); }

 private:
  static bool holds_ff(uint64_t word) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    return ((~word - kOnes) & word & (kOnes << 7)) != 0;
  }

  void refill_bytewise() {
    while (count_ >= 0 && count_ < 56 && next_ != end_) {
      const uint64_t byte = *next_;
      if (byte == 0xff) {
        if (end_ - next_ < 2 || next_[1] != 0) return;
        ++next_;
      }
      ++next_;
      bits_ |= byte << (56 - count_);
      count_ += 8;
    }
  }

  uint64_t bits_ = 0;
  int count_ = 0;
  const uint8_t* next_ = nullptr;
  const uint8_t* end_ = nullptr;
};

}  // namespace smol
