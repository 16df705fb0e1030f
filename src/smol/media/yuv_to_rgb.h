// Rows of planar YCbCr to RGB, in 16-bit fixed point (Highway, run-time dispatch).
#pragma once

#include <cstddef>
#include <cstdint>

#include "smol/base/geometry.h"

namespace smol {

enum class YuvMatrix : uint8_t { kBt601, kBt709, kBt2020 };

struct YuvLayout {
  YuvMatrix matrix = YuvMatrix::kBt601;
  bool full_range = false;  // 0..255 instead of 16..235 (chroma 16..240)
  int chroma_shift_x = 0;   // 1: a chroma sample serves two columns (repeated, as libswscale does by default)
  int chroma_shift_y = 0;   // 1: and two rows; the caller picks the row
};

// `width` pixels, packed RGB. The first pixel is the left one of its chroma sample. At most one level away from the
// rounded exact value, for every input; the same bits on every CPU. Thread-safe.
void yuv_row_to_rgb(const YuvLayout& layout, const uint8_t* luma, const uint8_t* blue, const uint8_t* red, int width,
                    uint8_t* rgb);

struct YuvPlanes {
  YuvLayout layout;
  const uint8_t* data[3] = {};  // luma, blue, red: the first sample of the picture
  ptrdiff_t stride_bytes[3] = {};
};

// Part of a picture as packed RGB. `part.left` is even where two columns share a chroma sample.
void yuv_to_rgb(const YuvPlanes& planes, const Rect& part, uint8_t* rgb, ptrdiff_t rgb_stride_bytes);

// yuv_row_to_rgb, plain: what the vector code must equal.
void yuv_row_to_rgb_plain(const YuvLayout& layout, const uint8_t* luma, const uint8_t* blue, const uint8_t* red,
                          int width, uint8_t* rgb);

}  // namespace smol
