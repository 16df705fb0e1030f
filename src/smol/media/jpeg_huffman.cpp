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
void fill_windows(std::vector<JpegCoefficient>& entries, Next next) {
  entries.assign(size_t{1} << kJpegWindowBits, {0, 0, 0});
  for (size_t window = 0; window < entries.size(); ++window) {
    const JpegCoefficient found = next(uint64_t{window} << (64 - kJpegWindowBits));
    if (found.bits <= kJpegWindowBits) entries[window] = found;
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

bool JpegAcSkipper::assign(const JHUFF_TBL& table) {
  bool changed = false;
  if (!code_.assign(table, changed)) return false;
  if (!changed) return true;
  steps_.assign(size_t{1} << kJpegSkipBits, kTooLong);
  for (size_t window = 0; window < steps_.size(); ++window) {
    Step all{0, 0};
    while (all.bits < kJpegSkipBits) {
      const Step one = one_step(uint64_t{window} << (64 - kJpegSkipBits + all.bits));
      const int coefficients = all.coefficients + one.coefficients;
      const bool ends_block = one.coefficients == kJpegEndOfBlock;
      if (one.bits == 0 || all.bits + one.bits > kJpegSkipBits) break;
      if (!ends_block && coefficients >= kJpegCoefficients) break;
      all = {static_cast<uint8_t>(coefficients), static_cast<uint8_t>(all.bits + one.bits)};
      if (ends_block) break;
    }
    if (all.bits != 0) steps_[window] = all;
  }
  return true;
}

JpegAcSkipper::Step JpegAcSkipper::one_step(uint64_t bits) const {
  const auto [length, value] = code_.symbol(bits);
  if (length == 0) return {0, 0};
  const AcSymbol symbol = ac_symbol(value);
  return {symbol.ends_block() ? kJpegEndOfBlock : static_cast<uint8_t>(symbol.run + 1),
          static_cast<uint8_t>(length + symbol.size)};
}

}  // namespace smol
