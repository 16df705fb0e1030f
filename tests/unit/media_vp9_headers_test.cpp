#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "smol/media/vp9_headers.h"

namespace smol {
namespace {

using Bytes = std::vector<uint8_t>;

// Appends numbers of so many bits.
class BitWriter {
 public:
  BitWriter& put(uint32_t value, int bits) {
    for (int i = bits - 1; i >= 0; --i, ++at_) {
      if (at_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() |= static_cast<uint8_t>((value >> i & 1u) << (7 - at_ % 8));
    }
    return *this;
  }
  size_t at() const { return at_; }
  Bytes bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  size_t at_ = 0;
};

constexpr uint32_t kLevel = 0x2d;

// marker, profile 0, no existing frame, key, shown, not resilient; sync; BT.601, limited; 64x48; same render size;
// refresh context, parallel, context 0; then the level and something behind it.
Bytes key_frame(uint32_t level) {
  BitWriter bits;
  bits.put(2, 2).put(0, 2).put(0, 1).put(0, 1).put(1, 1).put(0, 1);
  bits.put(0x498342, 24).put(1, 3).put(0, 1).put(63, 16).put(47, 16).put(0, 1).put(3, 2).put(0, 2);
  return bits.put(level, 6).put(0x5a5a, 16).bytes();
}

// Predicted, the size of its first reference, filter per block.
Bytes predicted_frame(uint32_t refreshed, uint32_t level) {
  BitWriter bits;
  bits.put(2, 2).put(0, 2).put(0, 1).put(1, 1).put(1, 1).put(0, 1).put(0, 2);
  bits.put(refreshed, 8).put(0x777, 12).put(1, 1).put(0, 1).put(1, 1).put(1, 1).put(3, 2).put(0, 2);
  return bits.put(level, 6).put(0x5a5a, 16).bytes();
}

// Annex B.
Bytes superframe(const std::vector<Bytes>& frames) {
  Bytes packet;
  Bytes index = {static_cast<uint8_t>(0xc0 | 1 << 3 | (frames.size() - 1))};  // sizes of two bytes
  for (const Bytes& frame : frames) {
    packet.insert(packet.end(), frame.begin(), frame.end());
    index.push_back(static_cast<uint8_t>(frame.size() & 0xff));
    index.push_back(static_cast<uint8_t>(frame.size() >> 8));
  }
  index.push_back(index.front());
  packet.insert(packet.end(), index.begin(), index.end());
  return packet;
}

Bytes without_filter(Bytes packet, bool keep_references) {
  switch_off_vp9_filter(packet, keep_references);
  return packet;
}

TEST(Vp9Headers, NothingButTheLevelBecomesZero) {
  EXPECT_EQ(without_filter(key_frame(kLevel), false), key_frame(0));
  EXPECT_EQ(without_filter(predicted_frame(1, kLevel), false), predicted_frame(1, 0));
  EXPECT_NE(key_frame(kLevel), key_frame(0));
}

TEST(Vp9Headers, ReferencesKeepTheirFilterIfAsked) {
  EXPECT_EQ(without_filter(key_frame(kLevel), true), key_frame(kLevel));
  EXPECT_EQ(without_filter(predicted_frame(4, kLevel), true), predicted_frame(4, kLevel));
  EXPECT_EQ(without_filter(predicted_frame(0, kLevel), true), predicted_frame(0, 0));
}

TEST(Vp9Headers, EachFrameOfASuperframe) {
  EXPECT_EQ(without_filter(superframe({predicted_frame(2, kLevel), predicted_frame(0, kLevel)}), false),
            superframe({predicted_frame(2, 0), predicted_frame(0, 0)}));
  EXPECT_EQ(without_filter(superframe({predicted_frame(2, kLevel), predicted_frame(0, kLevel)}), true),
            superframe({predicted_frame(2, kLevel), predicted_frame(0, 0)}));
}

TEST(Vp9Headers, WhatDoesNotParseStays) {
  EXPECT_EQ(without_filter({}, false), Bytes{});
  const Bytes repeated = {0x88};  // show_existing_frame
  EXPECT_EQ(without_filter(repeated, false), repeated);
  Bytes cut = key_frame(kLevel);
  for (cut.resize(9); !cut.empty(); cut.pop_back()) EXPECT_EQ(without_filter(cut, false), cut);
  Bytes other = key_frame(kLevel);
  other[1] ^= 1;  // the sync code
  EXPECT_EQ(without_filter(other, false), other);
}

// Under the sanitizers: no byte outside the packet is touched, whatever its index says.
TEST(Vp9Headers, AnyBytes) {
  std::mt19937 random(5);
  for (int round = 0; round < 200'000; ++round) {
    Bytes packet(random() % 40);
    for (uint8_t& byte : packet) byte = static_cast<uint8_t>(random());
    if (!packet.empty() && round % 2 == 0) packet[0] = static_cast<uint8_t>(0x80 | random() % 8);
    if (packet.size() > 4 && round % 4 < 2) packet.back() = static_cast<uint8_t>(0xc0 | random() % 32);
    const Bytes once = without_filter(packet, false);
    ASSERT_EQ(once.size(), packet.size());
    for (size_t i = 0; i < once.size(); ++i) ASSERT_EQ(once[i] & ~packet[i], 0);  // bits are only cleared
  }
}

}  // namespace
}  // namespace smol
