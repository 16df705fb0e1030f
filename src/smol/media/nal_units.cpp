#include "smol/media/nal_units.h"

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

// Calls `unit` with the NAL units until it answers true; whether it did.
template <typename Unit>
bool any_with_lengths(std::span<const uint8_t> packet, size_t length_bytes, Unit&& unit) {
  while (packet.size() > length_bytes) {
    size_t length = 0;
    for (size_t i = 0; i < length_bytes; ++i) length = length << 8 | packet[i];
    packet = packet.subspan(length_bytes);
    length = std::min(length, packet.size());
    if (unit(packet.first(length))) return true;
    packet = packet.subspan(length);
  }
  return false;
}

template <typename Unit>
bool any_with_start_codes(std::span<const uint8_t> packet, Unit&& unit) {
  static constexpr std::array<uint8_t, 3> kStartCode = {0, 0, 1};
  auto nal = std::search(packet.begin(), packet.end(), kStartCode.begin(), kStartCode.end());
  while (nal != packet.end()) {
    nal += kStartCode.size();
    const auto end = std::search(nal, packet.end(), kStartCode.begin(), kStartCode.end());
    if (unit(Nal(nal, end))) return true;
    nal = end;
  }
  return false;
}

// `length_size_at`: where avcC or hvcC have the bytes of a length, less one, in their two lowest bits.
template <typename Unit>
bool any_unit(std::span<const uint8_t> packet, std::span<const uint8_t> extradata, size_t length_size_at,
              Unit&& unit) {
  const bool has_lengths = extradata.size() > length_size_at && extradata[0] == 1;
  if (has_lengths) return any_with_lengths(packet, (extradata[length_size_at] & 3u) + 1, unit);
  return any_with_start_codes(packet, unit);
}

constexpr size_t kAvcLengthSizeAt = 4;
constexpr size_t kHevcLengthSizeAt = 21;

}  // namespace

bool is_h264_entry(std::span<const uint8_t> packet, std::span<const uint8_t> extradata) {
  return any_unit(packet, extradata, kAvcLengthSizeAt, is_entry);
}

bool is_h264_reference(std::span<const uint8_t> packet, std::span<const uint8_t> extradata) {
  return any_unit(packet, extradata, kAvcLengthSizeAt, [](Nal nal) {
    if (nal.empty()) return false;
    const int type = nal.front() & 0x1f;
    return type >= 1 && type <= kIdrSlice && (nal.front() & 0x60) != 0;
  });
}

bool is_hevc_reference(std::span<const uint8_t> packet, std::span<const uint8_t> extradata) {
  return any_unit(packet, extradata, kHevcLengthSizeAt, [](Nal nal) {
    constexpr int kLastSlice = 31;
    constexpr int kLastWithNonReference = 14;  // up to it, the even types are pictures that no other one needs
    if (nal.empty()) return false;
    const int type = (nal.front() >> 1) & 0x3f;
    return type <= kLastSlice && (type > kLastWithNonReference || type % 2 == 1);
  });
}

}  // namespace smol
