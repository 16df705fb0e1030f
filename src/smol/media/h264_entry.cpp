#include "smol/media/h264_entry.h"

#include <algorithm>
#include <array>

namespace smol {
namespace {

using Nal = std::span<const uint8_t>;

constexpr int kIdrSlice = 5;
constexpr int kSei = 6;
constexpr unsigned kRecoveryPoint = 6;

// A number of SEI: bytes of 255, then one below it.
unsigned take_sei_number(Nal& bytes) {
  unsigned number = 0;
  while (!bytes.empty()) {
    const uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    number += byte;
    if (byte != 255) break;
  }
  return number;
}

bool recovers_at_once(Nal sei) {
  sei = sei.subspan(1);
  while (sei.size() > 2) {
    const unsigned type = take_sei_number(sei);
    const unsigned bytes = take_sei_number(sei);
    if (type == kRecoveryPoint)
      return !sei.empty() && (sei.front() & 0x80) != 0;  // ue(v): a leading 1 is the number 0
    sei = sei.subspan(std::min<size_t>(bytes, sei.size()));
  }
  return false;
}

bool is_entry(Nal nal) {
  if (nal.empty()) return false;
  const int type = nal.front() & 0x1f;
  return type == kIdrSlice || (type == kSei && recovers_at_once(nal));
}

bool any_entry_with_lengths(std::span<const uint8_t> packet, size_t length_bytes) {
  while (packet.size() > length_bytes) {
    size_t length = 0;
    for (size_t i = 0; i < length_bytes; ++i) length = length << 8 | packet[i];
    packet = packet.subspan(length_bytes);
    length = std::min(length, packet.size());
    if (is_entry(packet.first(length))) return true;
    packet = packet.subspan(length);
  }
  return false;
}

bool any_entry_with_start_codes(std::span<const uint8_t> packet) {
  static constexpr std::array<uint8_t, 3> kStartCode = {0, 0, 1};
  auto nal = std::search(packet.begin(), packet.end(), kStartCode.begin(), kStartCode.end());
  while (nal != packet.end()) {
    nal += kStartCode.size();
    const auto end = std::search(nal, packet.end(), kStartCode.begin(), kStartCode.end());
    if (is_entry({nal, end})) return true;
    nal = end;
  }
  return false;
}

}  // namespace

bool is_h264_entry(std::span<const uint8_t> packet, std::span<const uint8_t> extradata) {
  constexpr size_t kLengthSizeAt = 4;
  if (extradata.size() > kLengthSizeAt && extradata[0] == 1) {
    return any_entry_with_lengths(packet, (extradata[kLengthSizeAt] & 3u) + 1);
  }
  return any_entry_with_start_codes(packet);
}

}  // namespace smol
