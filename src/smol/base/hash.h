// 64-bit hashes that are the same on every machine: they stand in files (manifest lines, snapshots, fingerprints).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace smol {

// The output function of splitmix64 (Steele, Lea, Flood 2014): a bijection whose every output bit depends on every
// input bit.
uint64_t mix64(uint64_t value);

// Finds damage and tells lists apart; not for adversaries. Chains over several pieces: hash64(b, hash64(a)). About 2
// GB/s.
uint64_t hash64(std::span<const std::byte> bytes, uint64_t seed = 0);
uint64_t hash64(std::string_view text, uint64_t seed = 0);

std::string hex16(uint64_t value);  // sixteen lower-case digits

}  // namespace smol
