// Random preprocessing graphs as manifests may hold them, and pictures for them.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <random>
#include <vector>

#include "smol/base/image.h"
#include "smol/preproc/graph.h"

namespace smol {

// Valid, with a fixed output size; out of all operations in an order that a manifest may have.
inline PreprocGraph random_graph() {
  // At full size: rapidcheck's first tests would have 0 from every range.
  const auto in_range = [](int low, int end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, end));
  };
  const auto flip_coin = [&](int one_in = 2) { return in_range(0, one_in) == 0; };
  const auto side = [&](int most) { return in_range(1, most + 1); };
  PreprocGraph graph;
  const auto reorder = [&] {
    const int kind = in_range(0, 8);
    if (kind == 0) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kBgr});
    if (kind == 1) graph.ops.push_back(ReorderChannelsOp{});
    if (kind == 2) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
  };
  bool converted = false;
  const auto convert = [&](int one_in) {
    if (converted || !flip_coin(one_in)) return;
    converted = true;
    graph.ops.push_back(ConvertOp{});
    if (flip_coin()) graph.ops.push_back(ScaleOp{0.5f});
    if (flip_coin()) graph.ops.push_back(NormaliseOp{0.25f, {0.5f, 0.4f, 0.3f}, {1.0f, 1.25f, 1.0f}});
  };

  reorder();
  convert(4);
  if (!flip_coin(6)) {
    ResizeOp resize;
    resize.rule = *rc::gen::element(ResizeRule::kShortSide, ResizeRule::kExact, ResizeRule::kLongSide);
    if (resize.rule == ResizeRule::kShortSide) resize.short_side = side(60);
    if (resize.rule == ResizeRule::kLongSide) resize.long_side = side(60);
    if (resize.rule == ResizeRule::kExact) resize.size = {side(70), side(70)};
    resize.filter = *rc::gen::element(ResizeFilter::kBilinear, ResizeFilter::kBicubic, ResizeFilter::kBilinear,
                                      ResizeFilter::kNearest, ResizeFilter::kArea);
    resize.convention = flip_coin(4) ? ResizeConvention::kOpenCv : ResizeConvention::kPillow;
    const bool smooth = resize.filter == ResizeFilter::kBilinear || resize.filter == ResizeFilter::kBicubic;
    resize.antialias = resize.filter == ResizeFilter::kArea ||
                       (smooth && resize.convention == ResizeConvention::kPillow && !flip_coin(4));
    graph.ops.push_back(resize);
  }
  reorder();
  convert(4);
  if (flip_coin(6)) graph.ops.push_back(FlipOp{true, flip_coin()});
  if (flip_coin(4)) {
    const int top = in_range(-3, 12);
    const int left = in_range(-3, 12);
    graph.ops.push_back(CropOp{{top, left, top + side(40), left + side(40)}});
  } else {
    graph.ops.push_back(CenterCropOp{{side(64), side(64)}});
  }
  bool is_grey = false;
  const auto grey = [&](int one_in) {
    if (!is_grey && flip_coin(one_in)) {
      is_grey = true;
      graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kGrey, flip_coin(3) ? 3 : 1});
    }
  };
  grey(4);
  convert(2);
  if (!is_grey) reorder();
  if (flip_coin(5)) {
    const InputSpec spec = output_spec(graph);
    graph.ops.push_back(PadOp{{spec.height + side(8), spec.width + side(8)}, 114, flip_coin()});
  }
  convert(2);
  grey(5);
  if (flip_coin()) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
  return graph;
}

// Rows lie `gap` bytes further apart than they are long.
struct RandomPicture {
  Size size;
  ptrdiff_t stride = 0;
  std::vector<uint8_t> bytes;

  RandomPicture(Size picture_size, int gap, uint32_t seed)
      : size(picture_size), stride(ptrdiff_t{picture_size.width} * 3 + gap) {
    bytes.resize(static_cast<size_t>(stride * size.height));
    std::mt19937 random(seed);
    for (size_t i = 0; i < bytes.size(); ++i) {
      const auto noise = static_cast<uint8_t>(random());
      if (seed % 3 == 0) bytes[i] = static_cast<uint8_t>(i / 5 + i % 3 * 40);
      if (seed % 3 == 1) bytes[i] = noise;
      if (seed % 3 == 2) bytes[i] = noise < 128 ? 0 : 255;  // bicubic overshoots
    }
  }
  ConstImageView view() const { return {bytes.data(), size, 3, stride}; }
};

}  // namespace smol
