#include "smol/base/orient.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "smol/base/error.h"

namespace smol {
namespace {

// 3 channels: 48 lines of 144 bytes for reading and as many for writing stay in a 32 KB cache.
constexpr int kBlock = 48;

// Every orientation is a walk over the input: `start` is the output byte of input pixel (0, 0), and a step to the
// right or down moves by a constant number of bytes.
struct Walk {
  ptrdiff_t start = 0;
  ptrdiff_t right = 0;
  ptrdiff_t down = 0;
};

Walk walk_of(Orientation orientation, const ImageView& out) {
  const ptrdiff_t pixel = out.channels;
  const ptrdiff_t row = out.stride_bytes;
  const ptrdiff_t last_column = (out.size.width - 1) * pixel;
  const ptrdiff_t last_row = (out.size.height - 1) * row;
  switch (orientation) {
    case Orientation::kUpright: return {0, pixel, row};
    case Orientation::kFlipHorizontally: return {last_column, -pixel, row};
    case Orientation::kRotate180: return {last_row + last_column, -pixel, -row};
    case Orientation::kFlipVertically: return {last_row, pixel, -row};
    case Orientation::kTranspose: return {0, row, pixel};
    case Orientation::kRotate90Clockwise: return {last_column, row, -pixel};
    case Orientation::kTransverse: return {last_row + last_column, -row, -pixel};
    case Orientation::kRotate90CounterClockwise: return {last_row, -row, pixel};
  }
  return {0, pixel, row};
}

template <int kChannels>
void copy_block(const ConstImageView& in, const Rect& block, const Walk& walk, uint8_t* out) {
  for (int y = block.top; y < block.bottom; ++y) {
    const uint8_t* from = in.row(y) + ptrdiff_t{block.left} * kChannels;
    uint8_t* to = out + walk.start + y * walk.down + block.left * walk.right;
    for (int x = block.left; x < block.right; ++x, from += kChannels, to += walk.right) {
      std::memcpy(to, from, kChannels);
    }
  }
}

template <int kChannels>
void copy_pixels(const ConstImageView& in, const Walk& walk, uint8_t* out) {
  for (int top = 0; top < in.size.height; top += kBlock) {
    for (int left = 0; left < in.size.width; left += kBlock) {
      const Rect block{top, left, std::min(top + kBlock, in.size.height), std::min(left + kBlock, in.size.width)};
      copy_block<kChannels>(in, block, walk, out);
    }
  }
}

}  // namespace

void orient(ConstImageView in, Orientation orientation, ImageView out) {
  if (out.size != oriented(in.size, orientation)) {
    throw Error(ErrorCode::kUsage, "orient: the output must have the oriented size of the input, not " +
                                       std::to_string(out.size.width) + " x " + std::to_string(out.size.height));
  }
  if (in.channels != out.channels) {
    throw Error(ErrorCode::kUsage, "orient: input and output differ in channels: " + std::to_string(in.channels) +
                                       " and " + std::to_string(out.channels));
  }
  const Walk walk = walk_of(orientation, out);
  if (walk.right == out.channels) {  // rows stay rows
    for (int y = 0; y < in.size.height; ++y) {
      std::memcpy(out.data + walk.start + y * walk.down, in.row(y), static_cast<size_t>(in.size.width) * in.channels);
    }
    return;
  }
  switch (in.channels) {
    case 1: return copy_pixels<1>(in, walk, out.data);
    case 3: return copy_pixels<3>(in, walk, out.data);
    case 4: return copy_pixels<4>(in, walk, out.data);
    default: throw Error(ErrorCode::kUsage, "orient: 1, 3 or 4 channels, not " + std::to_string(in.channels));
  }
}

}  // namespace smol
