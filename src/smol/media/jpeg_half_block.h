// A block of DCT coefficients in 1 or 2x2 pixels, with the bits of libjpeg-turbo (jpeg_idct_1x1, jpeg_idct_2x2), from
// coefficients one by one.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace smol {

// Of dequantised coefficients. Pictures have up to 1024 and some rounding; sums of up to this many fit into the 16
// bits of libjpeg-turbo's vectors.
inline constexpr int kMostJpegCoefficient = 2047;

inline int jpeg_descale(int value, int bits) { return (value + (1 << (bits - 1))) >> bits; }
inline uint8_t jpeg_sample(int value) { return static_cast<uint8_t>(std::clamp(value + 128, 0, 255)); }

// The block's only pixel.
inline uint8_t jpeg_block_mean(int dc) { return jpeg_sample(jpeg_descale(dc, 3)); }

// A pixel of 2x2 is the mean of a quarter of the block. There only the cosines of odd frequencies count beside the
// mean: the others add nothing, neither do their products.
class JpegHalfBlock {
 public:
  // Quantisers row by row, as libjpeg keeps them (files code them in zigzag order). Each at most 65535.
  void quantise_by(const uint16_t* row_by_row);

  void begin(int dc) {  // dequantised, at most kMostJpegCoefficient
    sums_.fill(0);
    sums_[0] = dc * kOne;
    out_of_range_ = 0;
  }
  // The coefficient at place k in the order of coding, as coded.
  void add(int k, int value) {
    const Place place = places_[static_cast<size_t>(k)];
    const auto dequantised = static_cast<uint32_t>(value * place.quantiser);
    out_of_range_ |= static_cast<uint32_t>(dequantised + kMostJpegCoefficient > 2 * kMostJpegCoefficient);
    sums_[place.sum] += static_cast<uint32_t>(value) * place.weight;
  }
  // False: a coefficient, or a pixel before it is clamped, is beyond what a picture has.
  bool pixels(uint8_t* top, uint8_t* bottom) const;

 private:
  static constexpr int kColumns = 5;  // 0, 1, 3, 5, 7
  static constexpr int kOne = 1 << 15;

  struct Place {
    int quantiser = 1;
    uint32_t weight = 0;  // modulo 2^32, as the sums: nobody looks at them if a coefficient was out of range
    size_t sum = 0;
  };
  std::array<Place, 64> places_{};
  std::array<uint32_t, 2 * kColumns> sums_{};  // of the columns: even parts, then odd parts
  uint32_t out_of_range_ = 0;
};

}  // namespace smol
