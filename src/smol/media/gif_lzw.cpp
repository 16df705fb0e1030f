#include "smol/media/gif_lzw.h"

#include <array>

namespace smol {
namespace {

constexpr int kMaxCodeBits = 12;
constexpr int kMaxCodes = 1 << kMaxCodeBits;

ItemError corrupt(const char* message) { return {ItemErrorCode::kCorrupt, message}; }

// Bits, least significant first, out of sub-blocks that are each led by their length; a block of length 0 is the end.
class CodeReader {
 public:
  explicit CodeReader(Bytes blocks) : blocks_(blocks) {}

  Result<int> code(int bits) {
    while (held_ < bits) {
      if (left_in_block_ == 0) {
        if (at_ >= blocks_.size()) return truncated();
        left_in_block_ = std::to_integer<int>(blocks_[at_++]);
        if (left_in_block_ == 0) return corrupt("the frame's data end before its pixels do");
      }
      if (at_ >= blocks_.size()) return truncated();
      buffer_ |= std::to_integer<uint32_t>(blocks_[at_++]) << held_;
      held_ += 8;
      --left_in_block_;
    }
    const auto value = static_cast<int>(buffer_ & ((1U << bits) - 1));
    buffer_ >>= bits;
    held_ -= bits;
    return value;
  }

 private:
  static ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }
  Bytes blocks_;
  size_t at_ = 0;
  int left_in_block_ = 0;
  uint32_t buffer_ = 0;
  int held_ = 0;  // bits in buffer_
};

// Strings as chains: a code stands for the string of its prefix, then one more index.
struct Table {
  std::array<uint16_t, kMaxCodes> prefix;
  std::array<uint8_t, kMaxCodes> last;
  std::array<uint8_t, kMaxCodes> first;
  std::array<uint16_t, kMaxCodes> length;
};

}  // namespace

Status decode_gif_lzw(Bytes data, std::span<uint8_t> indices) {
  if (data.empty()) return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
  const int least_bits = std::to_integer<int>(data[0]);
  if (least_bits < 1 || least_bits > 8) return corrupt("a code size outside 1 to 8");
  const int clear = 1 << least_bits;
  const int end = clear + 1;
  Table table{};
  for (int i = 0; i < clear; ++i) {
    const auto slot = static_cast<size_t>(i);
    table.first[slot] = table.last[slot] = static_cast<uint8_t>(i);
    table.length[slot] = 1;
  }
  CodeReader reader(data.subspan(1));
  int bits = least_bits + 1;
  int next = end + 1;  // code to be defined
  int before = -1;     // the code before; -1: a clear code
  size_t filled = 0;
  for (;;) {
    const Result<int> code = reader.code(bits);
    if (!code.ok()) {
      // Some encoders leave out the end code.
      if (filled == indices.size() && code.error().code == ItemErrorCode::kCorrupt) break;
      return code.error();
    }
    if (*code == clear) {
      bits = least_bits + 1;
      next = end + 1;
      before = -1;
      continue;
    }
    if (*code == end) break;
    if (*code > next || (*code == next && (before < 0 || next == kMaxCodes)) || (before < 0 && *code > clear)) {
      return corrupt("a code that was not defined");
    }
    if (before >= 0 && next < kMaxCodes) {
      const auto slot = static_cast<size_t>(next), old = static_cast<size_t>(before);
      table.prefix[slot] = static_cast<uint16_t>(before);
      table.first[slot] = table.first[old];
      table.last[slot] = table.first[static_cast<size_t>(*code == next ? before : *code)];
      table.length[slot] = static_cast<uint16_t>(table.length[old] + 1);
      ++next;
      if (next == 1 << bits && bits < kMaxCodeBits) ++bits;
    }
    auto chain = static_cast<size_t>(*code);
    const size_t length = table.length[chain];
    if (length > indices.size() - filled) return corrupt("more pixels than the frame has");
    for (size_t i = length; i-- > 0; chain = table.prefix[chain]) indices[filled + i] = table.last[chain];
    filled += length;
    before = *code;
  }
  return filled == indices.size() ? ok_status() : Status(corrupt("fewer pixels than the frame has"));
}

}  // namespace smol
