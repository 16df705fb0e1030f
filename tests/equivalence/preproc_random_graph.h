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
  const auto flip_coin = [](int one_in = 2) { return *rc::gen::inRange(0, one_in) == 0; };
  const auto side = [](int most) { return *rc::gen::inRange(1, most + 1); };
  PreprocGraph graph;
  const auto reorder = [&] {
    const int kind = *rc::gen::inRange(0, 8);
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
    const int top = *rc::gen::inRange(-3, 12);
    const int left = *rc::gen::inRange(-3, 12);
    graph.ops.push_back(CropOp{{top, left, top + side(40), left + side(40)}});
  } else {
    graph.ops.push_back(CenterCropOp{{side(64), side(64)}});
  }
  convert(2);
  reorder();
  if (flip_coin(5)) {
    const InputSpec spec = output_spec(graph);
    graph.ops.push_back(PadOp{{spec.height + side(8), spec.width + side(8)}, 114, flip_coin()});
  }
  convert(2);
  if (flip_coin(5)) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kGrey, flip_coin() ? 1 : 3});
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
    const bool smooth = seed % 3 == 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<uint8_t>(smooth ? i / 5 + i % 3 * 40 : random());
    }
  }
  ConstImageView view() const { return {bytes.data(), size, 3, stride}; }
};

}  // namespace smol
