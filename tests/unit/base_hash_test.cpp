#include <gtest/gtest.h>

#include <set>
#include <string>

#include "smol/base/hash.h"

namespace smol {
namespace {

// Values that stand in files must never change.
TEST(Hash, IsTheSameForEver) {
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15), 0xE220A8397B1DCDAFu);  // the first output of splitmix64 from 0
  EXPECT_EQ(hash64(""), 5197578548964807871u);
  EXPECT_EQ(hash64("smol"), 3280919080446338138u);
  EXPECT_EQ(hash64("a text of more than eight bytes", 1), 4091746802837850396u);
}

TEST(Hash, EveryByteLengthAndSeedCounts) {
  std::set<uint64_t> seen;
  const std::string zeros(40, '\0');
  for (size_t length = 0; length <= zeros.size(); ++length)
    seen.insert(hash64(std::string_view(zeros).substr(0, length)));
  for (size_t i = 0; i < zeros.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = zeros;
      text[i] = static_cast<char>(1 << bit);
      seen.insert(hash64(text));
    }
  }
  for (uint64_t seed = 1; seed <= 100; ++seed) seen.insert(hash64(zeros, seed));
  EXPECT_EQ(seen.size(), 41u + 40 * 8 + 100);
}

}  // namespace
}  // namespace smol
