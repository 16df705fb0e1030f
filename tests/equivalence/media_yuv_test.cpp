// YCbCr to RGB: the vector code equals the plain one, and that is within a level of the exact value.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "smol/media/yuv_to_rgb.h"

namespace smol {
namespace {

std::vector<YuvLayout> layouts() {
  std::vector<YuvLayout> all;
  for (const YuvMatrix matrix : {YuvMatrix::kBt601, YuvMatrix::kBt709, YuvMatrix::kBt2020}) {
    for (const bool full_range : {false, true}) {
      for (const int shift_x : {0, 1}) {
        all.push_back({.matrix = matrix, .full_range = full_range, .chroma_shift_x = shift_x});
      }
    }
  }
  return all;
}

TEST(YuvToRgb, VectorCodeEqualsPlainCode) {
  std::mt19937 random(3);
  for (const YuvLayout& layout : layouts()) {
    for (int width = 1; width < 200; ++width) {
      const auto count = static_cast<size_t>(width);
      std::vector<uint8_t> luma(count), blue(count), red(count), fast(count * 3), plain(count * 3);
      for (auto* plane : {&luma, &blue, &red}) {
        for (uint8_t& value : *plane) value = static_cast<uint8_t>(random());
      }
      yuv_row_to_rgb(layout, luma.data(), blue.data(), red.data(), width, fast.data());
      yuv_row_to_rgb_plain(layout, luma.data(), blue.data(), red.data(), width, plain.data());
      ASSERT_EQ(fast, plain) << width;
    }
  }
}

// ITU-R BT.601, BT.709, BT.2020: R = Y + 2 (1 - Kr) Cr, B = Y + 2 (1 - Kb) Cb, Y = Kr R + Kg G + Kb B.
TEST(YuvToRgb, IsWithinALevelOfTheExactValueForEveryInput) {
  constexpr double kWeights[3][2] = {{0.299, 0.114}, {0.2126, 0.0722}, {0.2627, 0.0593}};
  for (const YuvLayout& layout : layouts()) {
    const auto [kr, kb] = kWeights[static_cast<size_t>(layout.matrix)];
    for (int y = 0; y < 256; y += 3) {
      for (int u = 0; u < 256; u += 5) {
        for (int v = 0; v < 256; v += 5) {
          const uint8_t luma = static_cast<uint8_t>(y), blue = static_cast<uint8_t>(u), red = static_cast<uint8_t>(v);
          uint8_t rgb[3];
          yuv_row_to_rgb(layout, &luma, &blue, &red, 1, rgb);
          const double base = layout.full_range ? y : (y - 16) * 255.0 / 219;
          const double scale = layout.full_range ? 1 : 255.0 / 224;
          const double cb = (u - 128) * scale, cr = (v - 128) * scale;
          const double r = base + 2 * (1 - kr) * cr;
          const double b = base + 2 * (1 - kb) * cb;
          const double g = (base - kr * r - kb * b) / (1 - kr - kb);
          const double exact[3] = {r, g, b};
          for (int c = 0; c < 3; ++c) {
            ASSERT_LE(std::abs(rgb[c] - std::clamp(std::round(exact[c]), 0.0, 255.0)), 1)
                << y << " " << u << " " << v;
          }
        }
      }
    }
  }
}

TEST(YuvToRgb, PartIsPartOfTheWhole) {
  std::mt19937 random(4);
  constexpr int kHeight = 9, kWidth = 37, kChromaWidth = 19;
  std::vector<uint8_t> luma(kHeight * kWidth), blue(kHeight * kChromaWidth), red(kHeight * kChromaWidth);
  for (auto* plane : {&luma, &blue, &red}) {
    for (uint8_t& value : *plane) value = static_cast<uint8_t>(random());
  }
  YuvPlanes planes{.layout = {.chroma_shift_x = 1, .chroma_shift_y = 1},
                   .data = {luma.data(), blue.data(), red.data()},
                   .stride_bytes = {kWidth, kChromaWidth, kChromaWidth}};
  std::vector<uint8_t> whole(kHeight * kWidth * 3);
  yuv_to_rgb(planes, {0, 0, kHeight, kWidth}, whole.data(), kWidth * 3);
  const Rect part{3, 10, 8, 33};
  std::vector<uint8_t> rgb(static_cast<size_t>(part.height() * part.width() * 3));
  yuv_to_rgb(planes, part, rgb.data(), part.width() * 3);
  for (int y = 0; y < part.height(); ++y) {
    for (int i = 0; i < part.width() * 3; ++i) {
      ASSERT_EQ(rgb[static_cast<size_t>(y * part.width() * 3 + i)],
                whole[static_cast<size_t>((part.top + y) * kWidth * 3 + part.left * 3 + i)]);
    }
  }
}

}  // namespace
}  // namespace smol
