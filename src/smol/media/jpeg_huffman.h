// Huffman tables of baseline JPEGs for reading coefficients and getting past them fast: what the next bits hold is
// looked up at once, several coefficients if they fit and only their end is wanted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "smol/media/jpeg_bits.h"

// clang-format off: jpeglib.h needs <cstdio> in front of it
#include <cstdio>
#include <jpeglib.h>
// clang-format on

namespace smol {

// Bits that are looked up at once: enough for most coefficients, and for two or more of those that are skipped. As
// the last of them are as good as random, all of a table is in use: 4 KB, and 32 KB of a skipper (measured: 14 bits
// are faster than 12 and 13 although they crowd the L1 cache).
inline constexpr int kJpegWindowBits = 10;
inline constexpr int kJpegSkipBits = 14;

// The code itself, as the file defines it.
class JpegHuffmanCode {
 public:
  struct Symbol {
    uint8_t length;  // of its code; 0: the bits are no code
    uint8_t value;
  };

  // False, and unusable, if it defines more codes of a length than libjpeg takes. `changed`: it was another before.
  bool assign(const JHUFF_TBL& table, bool& changed);
  Symbol symbol(uint64_t bits) const {  // the first bit on top
    const Symbol symbol = short_[bits >> (64 - kJpegWindowBits)];
    return symbol.length != 0 ? symbol : long_symbol(bits);
  }
  std::span<const uint8_t> values() const { return std::span(values_).first(code_count_); }

 private:
  Symbol long_symbol(uint64_t bits) const;

  bool usable_ = false;
  std::array<uint8_t, 17> counts_{};   // by length
  std::array<uint8_t, 256> values_{};  // in order of their codes
  std::array<int, 17> first_code_{};   // by length
  std::array<size_t, 17> first_index_{};
  size_t code_count_ = 0;
  // By the next bits; those whose code is longer have length 0.
  std::array<Symbol, size_t{1} << kJpegWindowBits> short_{};
};

// The value of a coefficient of `size` bits that stand on top of `bits`.
inline int jpeg_coefficient(uint64_t bits, int size) {
  if (size == 0) return 0;
  const int value = static_cast<int>(bits >> (64 - size));
  return value >= 1 << (size - 1) ? value : value - (1 << size) + 1;
}

// A coefficient with the zeros before it. What is not in a table's window is looked up code by code: that part is not
// inlined, and takes and returns values, so that the bits can stay in registers.
struct JpegCoefficient {
  int16_t value;
  uint8_t run;   // kJpegEndOfBlock: no coefficient but the end of the block
  uint8_t bits;  // of code and value; 0: no code of the table
};
inline constexpr int kJpegCoefficients = 64;  // of a block
inline constexpr uint8_t kJpegEndOfBlock = 128;

// By the next bits; what they do not hold whole has 0 bits.
using JpegWindows = std::array<JpegCoefficient, size_t{1} << kJpegWindowBits>;

// Differences of DC coefficients.
class JpegDcTable {
 public:
  bool assign(const JHUFF_TBL& table);
  JpegCoefficient next(uint64_t bits) const {
    const JpegCoefficient found = entries_[bits >> (64 - kJpegWindowBits)];
    return found.bits != 0 ? found : next_of_any_length(bits);
  }

 private:
  JpegCoefficient next_of_any_length(uint64_t bits) const;

  JpegHuffmanCode code_;
  JpegWindows entries_{};
};

// The AC coefficients of a block, one by one.
class JpegAcTable {
 public:
  bool assign(const JHUFF_TBL& table);
  JpegCoefficient next(uint64_t bits) const {
    const JpegCoefficient found = entries_[bits >> (64 - kJpegWindowBits)];
    return found.bits != 0 ? found : next_of_any_length(bits);
  }

 private:
  JpegCoefficient next_of_any_length(uint64_t bits) const;

  JpegHuffmanCode code_;
  JpegWindows entries_{};
};

// Past the AC coefficients of a block, several at once.
class JpegAcSkipper {
 public:
  bool assign(const JHUFF_TBL& table);
  // False: no code of the table, or more than 63. Inline, as the bits are to stay in registers.
  bool skip(JpegBits& in) const {
    constexpr int kLookups = 56 / kJpegSkipBits;
    for (int k = 1; k < kJpegCoefficients;) {
      in.refill();
      for (int lookup = 0; lookup < kLookups; ++lookup) {
        const Step step = steps_[in.bits() >> (64 - kJpegSkipBits)];
        const int behind = k + step.coefficients;
        if (behind < kJpegCoefficients) [[likely]] {
          in.skip(step.bits);
          k = behind;
          continue;
        }
        // The last coefficient ends a block as well; then what the bits hold behind it is the next block's.
        if (behind == kJpegCoefficients ||
            (behind >= kJpegEndOfBlock && behind < kJpegEndOfBlock + kJpegCoefficients)) {
          in.skip(step.bits);
          return true;
        }
        in.refill();
        const Step one = one_step(in.bits());
        if (one.bits == 0) return false;
        in.skip(one.bits);
        if (one.coefficients == kJpegEndOfBlock) return true;
        k += one.coefficients;
        break;
      }
      if (k > kJpegCoefficients) return false;
    }
    return true;
  }

 private:
  struct Step {
    uint8_t coefficients;  // zeros and others; kJpegEndOfBlock more if the bits also end the block
    uint8_t bits;
  };
  // More than any block has: looked at once more, code by code.
  static constexpr Step kTooLong = {kJpegEndOfBlock + kJpegCoefficients, 0};

  Step one_step(uint64_t bits) const;  // bits 0: no code of the table
  static Step joined(Step first, Step rest);

  JpegHuffmanCode code_;
  std::array<Step, size_t{1} << kJpegSkipBits> steps_{};
};

}  // namespace smol
