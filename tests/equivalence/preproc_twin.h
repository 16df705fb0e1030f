// The slow twin of the fused executor: Pillow's u8 arithmetic written down plainly, one operation after the other.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/base/image.h"
#include "smol/preproc/graph.h"

namespace smol::twin {

// RGB, packed.
struct Pixels {
  Size size;
  std::vector<uint8_t> rgb;
  explicit Pixels(Size s, uint8_t value = 0) : size(s), rgb(static_cast<size_t>(s.pixels()) * 3, value) {}
  uint8_t& at(int y, int x, int c) { return rgb[(static_cast<size_t>(y) * size.width + x) * 3 + c]; }
  uint8_t at(int y, int x, int c) const { return rgb[(static_cast<size_t>(y) * size.width + x) * 3 + c]; }
  ConstImageView view() const { return {rgb.data(), size, 3, ptrdiff_t{size.width} * 3}; }
  bool operator==(const Pixels&) const = default;
};

// The part of the picture that is sampled, in its pixels: Pillow's resize(box=(left, top, right, bottom)).
struct Box {
  double top, left, bottom, right;
};

Pixels resized(const Pixels& in, Size size, const Box& box, ResizeFilter filter, bool antialias);
// The u8 part of a graph, up to and including the last crop or pad; channels and f32 operations are passed over.
Pixels geometric_part(const Pixels& in, const PreprocGraph& graph);
Pixels oriented(const Pixels& in, Orientation orientation);

// Noise, black and white noise (so that bicubic overshoots), or a gradient.
Pixels random_pixels(Size size, std::mt19937& random);
int random_int(std::mt19937& random, int low, int high);
// Small ones mostly, one pixel wide ones often.
Size random_size(std::mt19937& random, int most);
// Resize, then perhaps a crop, a pad, another crop; fixed output size.
PreprocGraph random_u8_graph(std::mt19937& random);

}  // namespace smol::twin
