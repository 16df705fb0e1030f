#include "preproc_twin.h"

#include <algorithm>
#include <cmath>

namespace smol::twin {
namespace {

double kernel(double x, ResizeFilter filter, bool antialias) {
  x = std::abs(x);
  if (filter == ResizeFilter::kBilinear) return std::max(0.0, 1.0 - x);
  const double a = antialias ? -0.5 : -0.75;
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

// Dense weights of one output pixel over all input pixels.
std::vector<double> weights_of(int output, int outputs, int inputs, double begin, double end, ResizeFilter filter,
                               bool antialias) {
  const double radius = filter == ResizeFilter::kBilinear ? 1.0 : 2.0;
  const double scale = (end - begin) / outputs;
  const double center = begin + (output + 0.5) * scale;
  std::vector<double> weights(static_cast<size_t>(inputs), 0.0);
  if (!antialias) {
    const double position = center - 0.5;
    for (int tap = static_cast<int>(std::floor(position - radius)); tap <= position + radius; ++tap) {
      weights[static_cast<size_t>(std::clamp(tap, 0, inputs - 1))] += kernel(tap - position, filter, false);
    }
    return weights;
  }
  const double stretch = std::max(1.0, scale);
  const int first = std::max(0, static_cast<int>(center - radius * stretch + 0.5));
  const int last = std::min(inputs, static_cast<int>(center + radius * stretch + 0.5));
  double sum = 0;
  for (int i = first; i < last; ++i)
    sum += weights[static_cast<size_t>(i)] = kernel((i - center + 0.5) * (1.0 / stretch), filter, true);
  for (double& weight : weights) weight /= sum;
  return weights;
}

uint8_t weighted(const std::vector<int64_t>& weights, const uint8_t* first, size_t step) {
  int64_t sum = int64_t{1} << 21;
  for (size_t i = 0; i < weights.size(); ++i) sum += weights[i] * first[i * step];
  return static_cast<uint8_t>(std::clamp<int64_t>(sum >> 22, 0, 255));
}

std::vector<int64_t> fixed(const std::vector<double>& weights) {
  std::vector<int64_t> out;
  for (const double weight : weights) {
    out.push_back(static_cast<int64_t>(weight * (1 << 22) + (weight < 0 ? -0.5 : 0.5)));
  }
  return out;
}

Pixels on_canvas(const Pixels& in, Size size, int top, int left, uint8_t value) {
  Pixels out(size, value);
  for (int y = std::max(0, top); y < std::min(size.height, top + in.size.height); ++y) {
    for (int x = std::max(0, left); x < std::min(size.width, left + in.size.width); ++x) {
      for (int c = 0; c < 3; ++c) out.at(y, x, c) = in.at(y - top, x - left, c);
    }
  }
  return out;
}

Pixels center_cropped(const Pixels& in, Size size) {
  // torchvision pads first, on both sides, then crops with halves rounded to even.
  const Size padded{std::max(in.size.height, size.height), std::max(in.size.width, size.width)};
  const Pixels canvas =
      on_canvas(in, padded, (padded.height - in.size.height) / 2, (padded.width - in.size.width) / 2, 0);
  const int top = static_cast<int>(std::nearbyint((padded.height - size.height) / 2.0));
  const int left = static_cast<int>(std::nearbyint((padded.width - size.width) / 2.0));
  return on_canvas(canvas, size, -top, -left, 0);
}

Pixels apply(const Pixels& in, const ResizeOp& op) {
  Size size = op.size;
  if (op.rule == ResizeRule::kShortSide) {
    const auto longer = [&](int along, int across) { return static_cast<int>(1.0 * op.short_side * along / across); };
    size = in.size.height <= in.size.width ? Size{op.short_side, longer(in.size.width, in.size.height)}
                                           : Size{longer(in.size.height, in.size.width), op.short_side};
  }
  return resized(in, size, {0, 0, 1.0 * in.size.height, 1.0 * in.size.width}, op.filter, op.antialias);
}
Pixels apply(const Pixels& in, const CenterCropOp& op) { return center_cropped(in, op.size); }
Pixels apply(const Pixels& in, const PadOp& op) {
  const int top = op.centred ? (op.size.height - in.size.height) / 2 : 0;
  const int left = op.centred ? (op.size.width - in.size.width) / 2 : 0;
  return on_canvas(in, op.size, top, left, op.value);
}
template <typename Other>
Pixels apply(const Pixels& in, const Other&) {
  return in;
}

}  // namespace

Pixels resized(const Pixels& in, Size size, const Box& box, ResizeFilter filter, bool antialias) {
  Pixels across({in.size.height, size.width});
  for (int x = 0; x < size.width; ++x) {
    const auto weights = fixed(weights_of(x, size.width, in.size.width, box.left, box.right, filter, antialias));
    for (int y = 0; y < in.size.height; ++y) {
      for (int c = 0; c < 3; ++c) {
        across.at(y, x, c) = weighted(weights, in.rgb.data() + static_cast<size_t>(y) * in.size.width * 3 + c, 3);
      }
    }
  }
  Pixels out(size);
  for (int y = 0; y < size.height; ++y) {
    const auto weights = fixed(weights_of(y, size.height, in.size.height, box.top, box.bottom, filter, antialias));
    for (int i = 0; i < size.width * 3; ++i) {
      out.at(y, 0, i) = weighted(weights, across.rgb.data() + i, static_cast<size_t>(size.width) * 3);
    }
  }
  return out;
}

Pixels geometric_part(const Pixels& in, const PreprocGraph& graph) {
  Pixels picture = in;
  for (const PreprocOp& op : graph.ops) {
    picture = std::visit([&](const auto& each) { return apply(picture, each); }, op);
  }
  return picture;
}

Pixels oriented(const Pixels& in, Orientation orientation) {
  const int height = in.size.height;
  const int width = in.size.width;
  Pixels out(smol::oriented(in.size, orientation));
  for (int y = 0; y < out.size.height; ++y) {
    for (int x = 0; x < out.size.width; ++x) {
      int from_y = y;
      int from_x = x;
      switch (orientation) {
        case Orientation::kUpright: break;
        case Orientation::kFlipHorizontally: from_x = width - 1 - x; break;
        case Orientation::kRotate180: from_y = height - 1 - y, from_x = width - 1 - x; break;
        case Orientation::kFlipVertically: from_y = height - 1 - y; break;
        case Orientation::kTranspose: from_y = x, from_x = y; break;
        case Orientation::kRotate90Clockwise: from_y = height - 1 - x, from_x = y; break;
        case Orientation::kTransverse: from_y = height - 1 - x, from_x = width - 1 - y; break;
        case Orientation::kRotate90CounterClockwise: from_y = x, from_x = width - 1 - y; break;
      }
      for (int c = 0; c < 3; ++c) out.at(y, x, c) = in.at(from_y, from_x, c);
    }
  }
  return out;
}

int random_int(std::mt19937& random, int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

Pixels random_pixels(Size size, std::mt19937& random) {
  Pixels pixels(size);
  const int kind = random_int(random, 0, 2);
  for (size_t i = 0; i < pixels.rgb.size(); ++i) {
    const uint8_t noise = static_cast<uint8_t>(random());
    if (kind == 0) pixels.rgb[i] = noise;
    if (kind == 1) pixels.rgb[i] = noise < 128 ? 0 : 255;
    if (kind == 2) pixels.rgb[i] = static_cast<uint8_t>(i / 3 * 7 / 5 + i % 3 * 40);
  }
  return pixels;
}

Size random_size(std::mt19937& random, int most) {
  const auto side = [&] {
    return random_int(random, 0, 5) == 0 ? random_int(random, 1, 3) : random_int(random, 1, most);
  };
  const int height = side();
  return {height, side()};
}

PreprocGraph random_u8_graph(std::mt19937& random) {
  PreprocGraph graph;
  const int resize_kind = random_int(random, 0, 5);
  if (resize_kind > 0) {
    ResizeOp resize;
    resize.rule = resize_kind < 4 ? ResizeRule::kShortSide : ResizeRule::kExact;
    resize.short_side = random_int(random, 1, 60);
    resize.size = random_size(random, 90);
    resize.filter = random_int(random, 0, 1) == 0 ? ResizeFilter::kBilinear : ResizeFilter::kBicubic;
    resize.antialias = random_int(random, 0, 3) > 0;
    graph.ops.push_back(resize);
  }
  Size size = resize_kind >= 4 ? std::get<ResizeOp>(graph.ops[0]).size : Size{};
  if (resize_kind < 4 || random_int(random, 0, 1) == 0) {
    size = random_size(random, 70);
    graph.ops.push_back(CenterCropOp{size});
  }
  if (random_int(random, 0, 3) == 0) {
    size = {size.height + random_int(random, 0, 9), size.width + random_int(random, 0, 9)};
    graph.ops.push_back(PadOp{size, static_cast<uint8_t>(random()), random_int(random, 0, 1) == 0});
    if (random_int(random, 0, 1) == 0) graph.ops.push_back(CenterCropOp{random_size(random, 70)});
  }
  return graph;
}

}  // namespace smol::twin
