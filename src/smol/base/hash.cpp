#include "smol/base/hash.h"

namespace smol {
namespace {

constexpr uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;

// Little-endian on every machine; up to 8 bytes, zeros behind the last. Compilers turn the full case into one load.
uint64_t load_word(const std::byte* bytes, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) word |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  return word;
}

}  // namespace

uint64_t mix64(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

uint64_t hash64(std::span<const std::byte> bytes, uint64_t seed) {
  // Each step is a bijection of the state and of the word, so one changed word always changes the result.
  uint64_t state = mix64(seed + kGoldenRatio);
  const auto absorb = [&state](uint64_t word) {
    state = (state ^ word) * kGoldenRatio;
    state ^= state >> 32;
  };
  const std::byte* next = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, next += 8) absorb(load_word(next, 8));
  if (left > 0) absorb(load_word(next, left));
  return mix64(state ^ bytes.size());
}

uint64_t hash64(std::string_view text, uint64_t seed) { return hash64(std::as_bytes(std::span(text)), seed); }

std::string hex16(uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

}  // namespace smol
