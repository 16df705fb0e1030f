// Reading several coefficients at once against reading bit by bit, over tables up to the edge of what a file can
// define.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "smol/media/jpeg_huffman.h"

namespace smol {
namespace {

int from_to(std::mt19937& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

// Mostly sound: as many codes of each length as there is room for, or fewer.
JHUFF_TBL random_table(std::mt19937& random) {
  JHUFF_TBL table{};
  const int shortest = from_to(random, 1, 16);
  const int longest = from_to(random, shortest, 16);
  int free = 1;
  int codes = 0;
  for (int length = 1; length <= longest; ++length) {
    free = std::min(free * 2, 1 << 16);
    if (length < shortest) continue;
    const int most = std::min({free - 1, 255, 256 - codes});
    const int count = most <= 0 ? 0 : std::array{0, 1, most / 2, most}[static_cast<size_t>(from_to(random, 0, 3))];
    table.bits[length] = static_cast<UINT8>(count);
    codes += count;
    free -= count;
  }
  if (from_to(random, 0, 20) == 0) table.bits[from_to(random, 1, 16)] += 3;
  // The ends of blocks, zeros only, short values with and without zeros in front, without any, anything.
  const int kind = from_to(random, 0, 5);
  for (UINT8& value : table.huffval) {
    const std::array values = {0xf0,
                               from_to(random, 0, 1) * 0xf0,
                               from_to(random, 0, 3) == 0 ? 0 : 0x11,
                               from_to(random, 0, 15) * 16 + from_to(random, 0, 1),
                               from_to(random, 0, 15),
                               from_to(random, 0, 255)};
    value = static_cast<UINT8>(values[static_cast<size_t>(kind)]);
  }
  return table;
}

class PlainReader {
 public:
  PlainReader(const JHUFF_TBL& table, const std::vector<uint8_t>& bytes) : table_(&table), bytes_(&bytes) {}

  static bool is_sound(const JHUFF_TBL& table) {
    int code = 0;
    int codes = 0;
    for (int length = 1; length <= 16; ++length, code *= 2) {
      code += table.bits[length];
      codes += table.bits[length];
      if (code >= 1 << length || codes > 256) return false;
    }
    return true;
  }

  size_t place() const { return place_; }
  bool is_over() const { return place_ > bytes_->size() * 8; }
  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i, ++place_) {
      const int bit = place_ < bytes_->size() * 8 ? (*bytes_)[place_ / 8] >> (7 - place_ % 8) & 1 : 0;
      value = value * 2 + bit;
    }
    return value;
  }
  std::optional<int> symbol() {
    int code = 0;
    int first = 0;
    int index = 0;
    for (int length = 1; length <= 16; ++length) {
      code = code * 2 + bits(1);
      first *= 2;
      if (code - first < table_->bits[length]) return table_->huffval[index + code - first];
      first += table_->bits[length];
      index += table_->bits[length];
    }
    return std::nullopt;
  }
  // False: no code, or more than 63 coefficients.
  bool skip_block() {
    for (int k = 1; k < kJpegCoefficients;) {
      const std::optional<int> value = symbol();
      if (!value) return false;
      bits(*value & 15);
      if ((*value & 15) == 0 && *value != 0xf0) return true;
      k += (*value >> 4) + 1;
      if (k > kJpegCoefficients) return false;
    }
    return true;
  }

 private:
  const JHUFF_TBL* table_;
  const std::vector<uint8_t>* bytes_;
  size_t place_ = 0;
};

// With the zero bytes that entropy-coded data has behind 0xff.
std::vector<uint8_t> stuffed(const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> data;
  for (const uint8_t byte : bytes) {
    data.push_back(byte);
    if (byte == 0xff) data.push_back(0);
  }
  return data;
}

std::vector<uint8_t> random_bytes(std::mt19937& random) {
  std::vector<uint8_t> bytes(static_cast<size_t>(from_to(random, 0, 200)));
  const int kind = from_to(random, 0, 3);
  for (uint8_t& byte : bytes) {
    const int any = from_to(random, 0, 255);
    const int other = from_to(random, 0, 255);
    byte = static_cast<uint8_t>(std::array{any, any & other, any | other, 0}[static_cast<size_t>(kind)]);
  }
  return bytes;
}

TEST(JpegAcSkipper, SkipsWhatAPlainReaderReads) {
  std::mt19937 random(20261127);
  const auto skipper = std::make_unique<JpegAcSkipper>();
  int blocks = 0;
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    const JHUFF_TBL table = random_table(random);
    ASSERT_EQ(skipper->assign(table), PlainReader::is_sound(table)) << round;
    if (!PlainReader::is_sound(table)) continue;
    for (int stream = 0; stream < 5; ++stream) {
      const std::vector<uint8_t> bytes = random_bytes(random);
      const std::vector<uint8_t> data = stuffed(bytes);
      JpegBits in(data.data(), data.data() + data.size());
      PlainReader plain(table, bytes);
      while (true) {
        const bool skipped = skipper->skip(in);
        const bool expected = plain.skip_block();
        if (plain.is_over()) {
          ASSERT_TRUE(!skipped || in.overrun()) << round;
          break;
        }
        ASSERT_EQ(skipped, expected) << round;
        ASSERT_FALSE(in.overrun()) << round;
        if (!skipped) {
          ++refused;
          break;
        }
        JpegBits ahead = in;
        ahead.refill();
        PlainReader plain_ahead = plain;
        const auto expected_bits = static_cast<uint64_t>(plain_ahead.bits(24));
        ASSERT_EQ(ahead.bits() >> 40, expected_bits) << round << ", at bit " << plain.place();
        ++blocks;
      }
    }
  }
  EXPECT_GT(blocks, 10000);
  EXPECT_GT(refused, 500);
}

TEST(JpegTables, HoldWhatAPlainReaderReads) {
  std::mt19937 random(3);
  const auto ac = std::make_unique<JpegAcTable>();
  const auto dc = std::make_unique<JpegDcTable>();
  int coefficients = 0;
  for (int round = 0; round < 500; ++round) {
    const JHUFF_TBL table = random_table(random);
    if (!ac->assign(table)) continue;
    const bool has_dc = dc->assign(table);  // no size beyond 15
    const std::vector<uint8_t> bytes = random_bytes(random);
    const std::vector<uint8_t> data = stuffed(bytes);
    JpegBits in(data.data(), data.data() + data.size());
    PlainReader plain(table, bytes);
    while (true) {
      in.refill();
      const JpegCoefficient found = ac->next(in.bits());
      PlainReader behind = plain;
      const std::optional<int> symbol = behind.symbol();
      const int size = symbol ? *symbol & 15 : 0;
      int value = behind.bits(size);
      if (size > 0 && value < 1 << (size - 1)) value -= (1 << size) - 1;
      if (behind.is_over()) break;
      ASSERT_EQ(found.bits == 0, !symbol) << round;
      if (!symbol) break;
      ASSERT_EQ(found.value, value) << round;
      ASSERT_EQ(found.run, size == 0 && *symbol != 0xf0 ? kJpegEndOfBlock : *symbol >> 4) << round;
      ASSERT_EQ(found.bits, behind.place() - plain.place()) << round;
      if (has_dc) {
        ASSERT_EQ(dc->next(in.bits()).value, value) << round;
        ASSERT_EQ(dc->next(in.bits()).bits, found.bits) << round;
      }
      in.skip(found.bits);
      plain = behind;
      ++coefficients;
    }
  }
  EXPECT_GT(coefficients, 5000);
}

}  // namespace
}  // namespace smol
