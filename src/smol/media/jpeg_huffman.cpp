#include "smol/media/jpeg_huffman.h"

#include <algorithm>

namespace smol {
namespace {

constexpr int kMostBits = 15;  // of a coefficient
constexpr int kZeroRun = 15;   // with size 0: 16 zeros

struct AcSymbol {
  int run;
  int size;
  bool ends_block() const { return size == 0 && run != kZeroRun; }
};
AcSymbol ac_symbol(int value) { return {value >> 4, value & 15}; }

// What `next(bits)` says of all bits that fit into the window.
template <typename Next>
void fill_windows(JpegWindows& entries, Next next) {
  for (size_t window = 0; window < entries.size(); ++window) {
    const JpegCoefficient found = next(uint64_t{window} << (64 - kJpegWindowBits));
    entries[window] = found.bits <= kJpegWindowBits ? found : JpegCoefficient{0, 0, 0};
  }
}

}  // namespace

bool JpegHuffmanCode::assign(const JHUFF_TBL& table, bool& changed) {
  const bool same = std::equal(counts_.begin() + 1, counts_.end(), table.bits + 1) &&
                    std::equal(values_.begin(), values_.end(), table.huffval);
  changed = !usable_ || !same;
  if (!changed) return true;
  usable_ = false;
  std::copy_n(table.bits, counts_.size(), counts_.begin());
  std::copy_n(table.huffval, values_.size(), values_.begin());
  short_.fill({0, 0});
  int code = 0;
  size_t index = 0;
  for (uint8_t length = 1; length < counts_.size(); ++length) {
    first_code_[length] = code;
    first_index_[length] = index;
    code += counts_[length];
    index += counts_[length];
    if (code >= 1 << length || index > values_.size()) return false;
    if (length <= kJpegWindowBits) {
      const size_t windows = size_t{1} << (kJpegWindowBits - length);
      for (size_t each = 0; each < counts_[length]; ++each) {
        const size_t first = (static_cast<size_t>(first_code_[length]) + each) * windows;
        const uint8_t value = values_[first_index_[length] + each];
        std::fill_n(short_.begin() + static_cast<std::ptrdiff_t>(first), windows, Symbol{length, value});
      }
    }
    code *= 2;
  }
  code_count_ = index;
  usable_ = true;
  return true;
}

JpegHuffmanCode::Symbol JpegHuffmanCode::long_symbol(uint64_t bits) const {
  for (uint8_t length = kJpegWindowBits + 1; length < counts_.size(); ++length) {
    const int offset = static_cast<int>(bits >> (64 - length)) - first_code_[length];
    if (offset < counts_[length]) return {length, values_[first_index_[length] + static_cast<size_t>(offset)]};
  }
  return {0, 0};
}

bool JpegDcTable::assign(const JHUFF_TBL& table) {
  bool changed = false;
  if (!code_.assign(table, changed)) return false;
  const std::span<const uint8_t> sizes = code_.values();
  if (std::any_of(sizes.begin(), sizes.end(), [](int size) { return size > kMostBits; })) return false;
  if (changed) fill_windows(entries_, [this](uint64_t bits) { return next_of_any_length(bits); });
  return true;
}

JpegCoefficient JpegDcTable::next_of_any_length(uint64_t bits) const {
  const auto [length, size] = code_.symbol(bits);
  if (length == 0) return {0, 0, 0};
  return {static_cast<int16_t>(jpeg_coefficient(bits << length, size)), 0, static_cast<uint8_t>(length + size)};
}

bool JpegAcTable::assign(const JHUFF_TBL& table) {
  bool changed = false;
  if (!code_.assign(table, changed)) return false;
  if (changed) fill_windows(entries_, [this](uint64_t bits) { return next_of_any_length(bits); });
  return true;
}

JpegCoefficient JpegAcTable::next_of_any_length(uint64_t bits) const {
  const auto [length, value] = code_.symbol(bits);
  if (length == 0) return {0, 0, 0};
  const AcSymbol symbol = ac_symbol(value);
  return {static_cast<int16_t>(jpeg_coefficient(bits << length, symbol.size)),
          symbol.ends_block() ? kJpegEndOfBlock : static_cast<uint8_t>(symbol.run),
          static_cast<uint8_t>(length + symbol.size)};
}

// The steps of windows of `bits` bits stand from 1 << bits on. A window is its first coefficient and a narrower
// window behind it, which is done already: pictures with tables of their own would wait long for steps that are each
// found code by code.
bool JpegAcSkipper::assign(const JHUFF_TBL& table) {
  bool changed = false;
  if (!code_.assign(table, changed)) return false;
  if (!changed) return true;
  std::array<Step, size_t{2} << kJpegSkipBits> by_width{};
  for (int bits = 1; bits <= kJpegSkipBits; ++bits) {
    const size_t windows = size_t{1} << bits;
    for (size_t window = 0; window < windows;) {
      const Step first = one_step(uint64_t{window} << (64 - bits));
      if (first.bits == 0 || first.bits > bits) {  // not whole: no step
        ++window;
        continue;
      }
      const size_t rests = windows >> first.bits;
      const Step* rest = &by_width[rests];
      for (size_t each = 0; each < rests; ++each, ++window) by_width[windows + window] = joined(first, rest[each]);
    }
  }
  const auto* steps = &by_width[size_t{1} << kJpegSkipBits];
  for (size_t window = 0; window < steps_.size(); ++window) {
    steps_[window] = steps[window].bits != 0 ? steps[window] : kTooLong;
  }
  return true;
}

// Only as much as one block can have.
JpegAcSkipper::Step JpegAcSkipper::joined(Step first, Step rest) {
  if (first.coefficients == kJpegEndOfBlock) return first;
  const int coefficients = first.coefficients + rest.coefficients % kJpegEndOfBlock;
  if (coefficients >= kJpegCoefficients) return first;
  return {static_cast<uint8_t>(first.coefficients + rest.coefficients), static_cast<uint8_t>(first.bits + rest.bits)};
}

JpegAcSkipper::Step JpegAcSkipper::one_step(uint64_t bits) const {
  const auto [length, value] = code_.symbol(bits);
  if (length == 0) return {0, 0};
  const AcSymbol symbol = ac_symbol(value);
  return {symbol.ends_block() ? kJpegEndOfBlock : static_cast<uint8_t>(symbol.run + 1),
          static_cast<uint8_t>(length + symbol.size)};
}

}  // namespace smol
