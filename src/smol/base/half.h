// IEEE 754 binary16 in software, for references and rare values.
#pragma once

#include <bit>
#include <cstdint>

namespace smol {

// Rounds to nearest, halves to even; too large becomes infinity, NaN stays NaN.
inline uint16_t half_from_float(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 2^16 and above
  const auto exponent = static_cast<int>(magnitude >> 23) - 127;
  if (exponent < -25) return sign;  // below half of the smallest subnormal
  uint32_t mantissa = magnitude & 0x7fffffu;
  uint32_t half = 0;
  int dropped = 13;
  if (exponent < -14) {  // subnormal
    mantissa |= 0x800000u;
    dropped = -exponent - 1;
  } else {
    half = static_cast<uint32_t>(exponent + 15) << 10;
  }
  half += mantissa >> dropped;
  const uint32_t rest = mantissa & ((1u << dropped) - 1);
  const uint32_t middle = 1u << (dropped - 1);
  if (rest > middle || (rest == middle && (half & 1u) != 0))
    ++half;  // a carry moves on into the exponent: as it should
  return static_cast<uint16_t>(sign | half);
}

inline float float_from_half(uint16_t half) {
  const uint32_t sign = uint32_t{half} << 16 & 0x80000000u;
  const uint32_t exponent = half >> 10 & 0x1fu;
  const uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

}  // namespace smol
