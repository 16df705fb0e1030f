#include "smol/media/vp9_headers.h"

#include <cstddef>
#include <optional>

namespace smol {
namespace {

constexpr int kReferences = 3;  // of a predicted frame
constexpr size_t kLevelBits = 6;
constexpr uint32_t kSyncCode = 0x498342;
constexpr uint32_t kRgb = 7;  // color_space

// Bits, most significant first; behind the end come zeros.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  uint32_t take(int bits) {
    uint32_t value = 0;
    for (; bits > 0; --bits, ++at_) {
      const bool bit = at_ / 8 < bytes_.size() && (bytes_[at_ / 8] >> (7 - at_ % 8) & 1) != 0;
      value = value << 1 | (bit ? 1u : 0u);
    }
    return value;
  }
  bool flag() { return take(1) != 0; }
  size_t at() const { return at_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

struct Header {
  uint32_t profile = 0;
  uint32_t refreshed = 0;  // slots of reference frames that this one goes into
  size_t level_at = 0;     // bit
};

void skip_colours(BitReader& bits, uint32_t profile) {
  if (profile >= 2) bits.take(1);  // ten_or_twelve_bit
  const bool has_subsampling = profile == 1 || profile == 3;
  if (bits.take(3) == kRgb) {
    if (has_subsampling) bits.take(1);
    return;
  }
  bits.take(1);  // color_range
  if (has_subsampling) bits.take(3);
}

void skip_frame_size(BitReader& bits) { bits.take(32); }

void skip_render_size(BitReader& bits) {
  if (bits.flag()) bits.take(32);
}

void skip_prediction(BitReader& bits) {
  bits.take(kReferences * 4);  // ref_frame_idx, ref_frame_sign_bias
  bool has_size = false;       // found_ref: that of a reference frame
  for (int i = 0; i < kReferences && !has_size; ++i) has_size = bits.flag();
  if (!has_size) skip_frame_size(bits);
  skip_render_size(bits);
  bits.take(1);                    // allow_high_precision_mv
  if (!bits.flag()) bits.take(2);  // interpolation filter
}

// uncompressed_header() up to loop_filter_params(); nothing if it is not one, or only repeats a frame.
std::optional<Header> parse(std::span<const uint8_t> frame) {
  BitReader bits(frame);
  if (bits.take(2) != 2) return std::nullopt;  // frame_marker
  Header header;
  header.profile = bits.take(1);
  header.profile |= bits.take(1) << 1;
  if (header.profile == 3) bits.take(1);
  if (bits.flag()) return std::nullopt;  // show_existing_frame
  const bool is_key = !bits.flag();
  const bool is_shown = bits.flag();
  const bool is_error_resilient = bits.flag();
  if (is_key) {
    if (bits.take(24) != kSyncCode) return std::nullopt;
    skip_colours(bits, header.profile);
    header.refreshed = 0xff;
    skip_frame_size(bits);
    skip_render_size(bits);
  } else {
    const bool is_intra = !is_shown && bits.flag();
    if (!is_error_resilient) bits.take(2);  // reset_frame_context
    if (is_intra && bits.take(24) != kSyncCode) return std::nullopt;
    if (is_intra && header.profile > 0) skip_colours(bits, header.profile);
    header.refreshed = bits.take(8);
    if (is_intra) {
      skip_frame_size(bits);
      skip_render_size(bits);
    } else {
      skip_prediction(bits);
    }
  }
  if (!is_error_resilient) bits.take(2);  // refresh_frame_context, frame_parallel_decoding_mode
  bits.take(2);                           // frame_context_idx
  header.level_at = bits.at();
  if (header.level_at + kLevelBits > frame.size() * 8) return std::nullopt;
  return header;
}

void switch_off(std::span<uint8_t> frame, bool keep_references) {
  const std::optional<Header> header = parse(frame);
  if (!header || (keep_references && header->refreshed != 0)) return;
  for (size_t bit = header->level_at; bit < header->level_at + kLevelBits; ++bit) {
    frame[bit / 8] &= static_cast<uint8_t>(~(0x80u >> bit % 8));
  }
}

}  // namespace

void switch_off_vp9_filter(std::span<uint8_t> packet, bool keep_references) {
  if (packet.empty()) return;
  // Annex B: several frames in one packet, with an index of their sizes at its end.
  const uint8_t marker = packet.back();
  const size_t frames = (marker & 7u) + 1;
  const size_t size_bytes = (marker >> 3 & 3u) + 1;
  const size_t index_bytes = 2 + frames * size_bytes;
  const bool has_index =
      (marker & 0xe0) == 0xc0 && packet.size() >= index_bytes && packet[packet.size() - index_bytes] == marker;
  if (!has_index) return switch_off(packet, keep_references);
  std::span<const uint8_t> sizes = std::span<const uint8_t>(packet).last(index_bytes).subspan(1);
  packet = packet.first(packet.size() - index_bytes);
  for (size_t i = 0; i < frames; ++i, sizes = sizes.subspan(size_bytes)) {
    size_t size = 0;
    for (size_t byte = size_bytes; byte-- > 0;) size = size << 8 | sizes[byte];
    if (size > packet.size()) return;
    switch_off(packet.first(size), keep_references);
    packet = packet.subspan(size);
  }
}

}  // namespace smol
