#include "smol/media/jpeg_half_block.h"

#include <cmath>
#include <numbers>

namespace smol {
namespace {

// In 13-bit fixed point, and 2 bits more between the passes, as libjpeg has it.
constexpr int kFractionBits = 13;
constexpr int kPassBits = 2;
constexpr std::array<int, 5> kFrequencies = {0, 1, 3, 5, 7};

// What the cosine of an odd frequency adds to the first half of its samples; to the second, the opposite.
std::array<int, 8> make_weights() {
  std::array<int, 8> weights{};
  for (const int k : {1, 3, 5, 7}) {
    const double angle = k * std::numbers::pi / 16;
    const double sum = std::sin(8 * angle) / (2 * std::sin(angle));  // of cos((2x + 1) angle), x = 0..3
    weights[static_cast<size_t>(k)] = static_cast<int>(std::lround(std::numbers::sqrt2 * sum * (1 << kFractionBits)));
  }
  return weights;
}
const std::array<int, 8> kWeights = make_weights();

// Where the coefficients stand in a block that is stored row by row, in the order in which they are coded.
constexpr std::array<int, 64> make_zigzag() {
  std::array<int, 64> order{};
  size_t k = 0;
  for (int diagonal = 0; diagonal < 15; ++diagonal) {
    for (int i = 0; i <= diagonal; ++i) {
      const int row = diagonal % 2 == 0 ? diagonal - i : i;
      const int column = diagonal - row;
      if (row < 8 && column < 8) order[k++] = row * 8 + column;
    }
  }
  return order;
}
constexpr std::array<int, 64> kZigzag = make_zigzag();

}  // namespace

void JpegHalfBlock::quantise_by(const uint16_t* row_by_row) {
  for (size_t k = 0; k < places_.size(); ++k) {
    const int row = kZigzag[k] / 8;
    const auto column = std::find(kFrequencies.begin(), kFrequencies.end(), kZigzag[k] % 8);
    Place& place = places_[k];
    place = {row_by_row[kZigzag[k]], 0, 0};
    if (column == kFrequencies.end()) continue;
    const auto sum = static_cast<size_t>(column - kFrequencies.begin());
    const int weight = row == 0 ? kOne : kWeights[static_cast<size_t>(row)];
    place.weight = static_cast<uint32_t>(weight) * static_cast<uint32_t>(place.quantiser);
    place.sum = row == 0 ? sum : sum + kColumns;
  }
}

bool JpegHalfBlock::pixels(uint8_t* top, uint8_t* bottom) const {
  if (out_of_range_ != 0) return false;
  std::array<int, 2> even{};
  std::array<int, 2> odd{};
  for (size_t column = 0; column < kColumns; ++column) {
    const auto even_part = static_cast<int>(sums_[column]);
    const auto odd_part = static_cast<int>(sums_[column + kColumns]);
    const int upper = jpeg_descale(even_part + odd_part, kFractionBits - kPassBits + 2);
    const int lower = jpeg_descale(even_part - odd_part, kFractionBits - kPassBits + 2);
    if (column == 0) {
      even = {upper * kOne, lower * kOne};
    } else {
      const int weight = kWeights[static_cast<size_t>(kFrequencies[column])];
      odd[0] += weight * upper;
      odd[1] += weight * lower;
    }
  }
  constexpr int kShift = kFractionBits + kPassBits + 5;
  const std::array values = {jpeg_descale(even[0] + odd[0], kShift), jpeg_descale(even[0] - odd[0], kShift),
                             jpeg_descale(even[1] + odd[1], kShift), jpeg_descale(even[1] - odd[1], kShift)};
  // Beyond this libjpeg wraps around without vectors, and saturates with them.
  if (std::any_of(values.begin(), values.end(), [](int value) { return value < -512 || value > 511; })) return false;
  top[0] = jpeg_sample(values[0]);
  top[1] = jpeg_sample(values[1]);
  bottom[0] = jpeg_sample(values[2]);
  bottom[1] = jpeg_sample(values[3]);
  return true;
}

}  // namespace smol
