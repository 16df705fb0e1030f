// Every operation of a graph that the fused executor takes, in random order, against the reference; region decodes,
// strips and SIMD targets give the same bits.
#include "smol/base/simd_targets.h"
// Before Highway.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "preproc_guarded_picture.h"
#include "preproc_twin.h"
#include "smol/base/error.h"
#include "smol/base/half.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/resample_kernels.h"

namespace smol {
namespace {

using twin::Pixels;
using twin::random_int;

bool chance(std::mt19937& random, int one_in) { return random_int(random, 1, one_in) == 1; }

struct WideGraph {
  PreprocGraph graph;
  float gain = 1;  // of the arithmetic: what one level becomes at most
};

PreprocOp random_window(std::mt19937& random) {
  switch (random_int(random, 0, 3)) {
    case 0: return FlipOp{chance(random, 2), chance(random, 2)};
    case 1: {
      const int top = random_int(random, -8, 40);
      const int left = random_int(random, -8, 40);
      return CropOp{{top, left, top + random_int(random, 1, 60), left + random_int(random, 1, 60)}};
    }
    case 2: return PadOp{twin::random_size(random, 70), static_cast<uint8_t>(random()), chance(random, 2)};
    default: return CenterCropOp{twin::random_size(random, 70)};
  }
}

ResizeOp random_resize(std::mt19937& random) {
  ResizeOp op;
  op.rule = static_cast<ResizeRule>(random_int(random, 0, 2));
  if (op.rule == ResizeRule::kShortSide) op.short_side = random_int(random, 1, 60);
  if (op.rule == ResizeRule::kLongSide) op.long_side = random_int(random, 1, 90);
  if (op.rule == ResizeRule::kExact) op.size = twin::random_size(random, 90);
  op.filter = static_cast<ResizeFilter>(random_int(random, 0, 3));
  op.convention = static_cast<ResizeConvention>(random_int(random, 0, 1));
  const bool smooth = op.filter == ResizeFilter::kBilinear || op.filter == ResizeFilter::kBicubic;
  if (op.filter == ResizeFilter::kNearest) op.antialias = false;
  if (smooth) op.antialias = op.convention == ResizeConvention::kPillow && !chance(random, 4);
  return op;
}

void add_arithmetic(WideGraph& wide, std::mt19937& random) {
  PreprocGraph& graph = wide.graph;
  bool grey = false;
  const auto colour = [&] {
    if (chance(random, 3)) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kBgr});
    if (grey || !chance(random, 3)) return;
    graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kGrey, chance(random, 2) ? 1 : 3});
    grey = true;
  };
  colour();
  if (!chance(random, 3)) {
    graph.ops.push_back(ConvertOp{});
    if (chance(random, 2)) {
      graph.ops.push_back(ScaleOp{1.0f / 255});
      wide.gain /= 255;
    }
    if (chance(random, 2)) {
      graph.ops.push_back(NormaliseOp{0.5f, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}});
      wide.gain *= 0.5f / 0.224f;
    }
    if (chance(random, 3)) graph.ops.push_back(ConvertOp{DType::kF16});
  }
  if (chance(random, 2)) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
}

bool is_valid(const PreprocGraph& graph) {
  try {
    output_spec(graph);
    return true;
  } catch (const Error&) {
    return false;
  }
}

WideGraph random_graph(std::mt19937& random) {
  while (true) {
    WideGraph wide;
    for (int n = std::max(0, random_int(random, -2, 2)); n > 0; --n) wide.graph.ops.push_back(random_window(random));
    if (!chance(random, 6)) wide.graph.ops.push_back(random_resize(random));
    for (int n = random_int(random, 0, 3); n > 0; --n) wide.graph.ops.push_back(random_window(random));
    add_arithmetic(wide, random);
    if (is_valid(wide.graph)) return wide;
  }
}

std::vector<std::byte> run_decoded(FusedExecutor& executor, ConstImageView decoded, const DecodedGeometry& geometry,
                                   Orientation orientation, int strip_rows) {
  std::vector<std::byte> bytes(executor.output().item_bytes(), std::byte{0xCD});
  executor.begin(geometry, orientation, {executor.output().dtype, executor.output().item_shape(), bytes.data()});
  for (int row = 0; row < decoded.size.height; row += strip_rows) {
    const int rows = std::min(strip_rows, decoded.size.height - row);
    executor.push({row, {decoded.row(row), {rows, decoded.size.width}, 3, decoded.stride_bytes}});
  }
  executor.finish();
  return bytes;
}

std::vector<std::byte> run_fused(const PreprocGraph& graph, const Pixels& picture, Orientation orientation) {
  FusedExecutor executor(graph);
  const Size size = picture.size;
  return run_decoded(executor, picture.view(), {size, {0, 0, size.height, size.width}, 1, size}, orientation,
                     size.height);
}

std::vector<float> values_of(const InputSpec& spec, const std::vector<std::byte>& bytes) {
  std::vector<float> values(static_cast<size_t>(spec.item_shape().elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    if (spec.dtype == DType::kU8) values[i] = static_cast<float>(std::to_integer<int>(bytes[i]));
    if (spec.dtype == DType::kF32) values[i] = reinterpret_cast<const float*>(bytes.data())[i];
    if (spec.dtype == DType::kF16) {
      values[i] = float_from_half(reinterpret_cast<const uint16_t*>(bytes.data())[i]);
    }
  }
  return values;
}

std::string description(const PreprocGraph& graph, Size size, Orientation orientation) {
  return to_text(graph) + " of " + std::to_string(size.height) + "x" + std::to_string(size.width) + " orientation " +
         std::to_string(static_cast<int>(orientation));
}

// Rounding to u8 between the passes and after them: a level, or 1.4 where the filter has negative weights (see
// preproc_fused_test.cpp); half a level more for grey, and for a reference that is rounded to u8 itself.
TEST(WideGraph, StaysWithinRoundingOfTheReference) {
  std::mt19937 random(21);
  int before_resize = 0;
  for (int i = 0; i < 1500; ++i) {
    const auto [graph, gain] = random_graph(random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 90), random);
    const auto orientation = static_cast<Orientation>(chance(random, 2) ? 1 : random_int(random, 1, 8));
    SCOPED_TRACE(description(graph, picture.size, orientation));
    before_resize += !std::holds_alternative<ResizeOp>(graph.ops[0]);
    const ReferenceExecutor reference(graph);
    const InputSpec& spec = reference.output();
    std::vector<std::byte> bytes(spec.item_bytes());
    reference.run(picture.view(), orientation, {spec.dtype, spec.item_shape(), bytes.data()});
    const std::vector<float> want = values_of(spec, bytes);
    const std::vector<float> got = values_of(spec, run_fused(graph, picture, orientation));
    const float half_ulp = spec.dtype == DType::kF16 ? 0x1p-10f : 1e-6f;
    for (size_t e = 0; e < want.size(); ++e) {
      ASSERT_NEAR(got[e], want[e], 2.0f * gain + half_ulp * (3.0f + std::abs(want[e]))) << "element " << e;
    }
  }
  EXPECT_GT(before_resize, 300);
}

// Without arithmetic and with one tap there is nothing to round.
TEST(WideGraph, MovesPixelsExactly) {
  std::mt19937 random(22);
  for (int i = 0; i < 400; ++i) {
    PreprocGraph graph;
    for (int n = random_int(random, 0, 2); n > 0; --n) graph.ops.push_back(random_window(random));
    ResizeOp resize = random_resize(random);
    resize.filter = ResizeFilter::kNearest;
    resize.antialias = false;
    graph.ops.push_back(resize);
    graph.ops.push_back(random_window(random));
    graph.ops.push_back(CenterCropOp{{40, 41}});
    if (!is_valid(graph)) continue;
    const Pixels picture = twin::random_pixels(twin::random_size(random, 90), random);
    const auto orientation = static_cast<Orientation>(random_int(random, 1, 8));
    SCOPED_TRACE(description(graph, picture.size, orientation));
    std::vector<std::byte> want(output_spec(graph).item_bytes());
    ReferenceExecutor(graph).run(picture.view(), orientation,
                                 {DType::kU8, output_spec(graph).item_shape(), want.data()});
    ASSERT_EQ(run_fused(graph, picture, orientation), want);
  }
}

TEST(WideGraph, NeedsNoMoreThanItSaysAndAnyStrips) {
  std::mt19937 random(23);
  for (int i = 0; i < 600; ++i) {
    const PreprocGraph graph = random_graph(random).graph;
    const Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
    const auto orientation = static_cast<Orientation>(1 + i % 8);
    SCOPED_TRACE(description(graph, picture.size, orientation));
    const std::vector<std::byte> want = run_fused(graph, picture, orientation);
    const Rect needed = needed_source_rect(graph, oriented(picture.size, orientation), orientation);
    ASSERT_TRUE(needed.top >= 0 && needed.left >= 0 && needed.top < needed.bottom && needed.left < needed.right &&
                needed.bottom <= picture.size.height && needed.right <= picture.size.width);
    FusedExecutor executor(graph);
    for (const int strip_rows : {1, 16}) {
      const ConstImageView part(picture.view().row(needed.top) + needed.left * 3, needed.size(), 3,
                                picture.view().stride_bytes);
      ASSERT_EQ(run_decoded(executor, part, {needed.size(), needed, 1, picture.size}, orientation, strip_rows), want);
    }
  }
}

// A scaled decode of a smooth picture gives nearly the same, wherever it is cropped, flipped or padded before.
TEST(WideGraph, SamplesScaledDecodesWhereItShould) {
  Pixels picture({240, 320});
  Pixels quarter({60, 80});
  for (int y = 0; y < 240; ++y) {
    for (int x = 0; x < 320; ++x) {
      for (int c = 0; c < 3; ++c) picture.at(y, x, c) = static_cast<uint8_t>((x / 2 + y / 3 + 10 * c) % 256);
    }
  }
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) {
      for (int c = 0; c < 3; ++c) {
        quarter.at(y, x, c) =
            static_cast<uint8_t>((picture.at(4 * y + 1, 4 * x + 1, c) + picture.at(4 * y + 2, 4 * x + 2, c)) / 2);
      }
    }
  }
  const ResizeOp resize{ResizeRule::kExact, 0, {32, 40}};
  for (const PreprocOp& before :
       {PreprocOp{CropOp{{24, 40, 184, 240}}}, PreprocOp{CropOp{{23, 41, 181, 243}}}, PreprocOp{FlipOp{true, false}},
        PreprocOp{CenterCropOp{{160, 200}}}, PreprocOp{CropOp{{-40, -40, 280, 360}}}}) {
    const PreprocGraph graph{{before, resize}};
    SCOPED_TRACE(to_text(graph));
    const std::vector<float> want = values_of(output_spec(graph), run_fused(graph, picture, Orientation::kUpright));
    FusedExecutor executor(graph);
    const std::vector<float> got = values_of(
        output_spec(graph), run_decoded(executor, quarter.view(), {{60, 80}, {0, 0, 240, 320}, 4, {240, 320}},
                                        Orientation::kUpright, 16));
    double sum = 0;
    for (size_t e = 0; e < want.size(); ++e) sum += std::abs(got[e] - want[e]);
    EXPECT_LT(sum / static_cast<double>(want.size()), 2.5);
  }
}

struct OneTarget {
  explicit OneTarget(int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  OneTarget(const OneTarget&) = delete;
  OneTarget& operator=(const OneTarget&) = delete;
  ~OneTarget() { hwy::SetSupportedTargetsForTest(0); }
};

TEST(WideGraph, AllSimdTargetsAgree) {
  std::vector<std::vector<std::byte>> want;
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    const OneTarget chosen(target);
    std::mt19937 random(24);
    for (size_t i = 0; i < 300; ++i) {
      const PreprocGraph graph = random_graph(random).graph;
      const Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
      const std::vector<std::byte> got = run_fused(graph, picture, Orientation::kUpright);
      if (want.size() <= i) want.push_back(got);
      ASSERT_EQ(got, want[i]) << hwy::TargetName(target) << ": " << to_text(graph);
    }
  }
}

// Every exponent, halfway cases and their neighbours, and what is beyond the range of halves.
TEST(HalfKernel, RoundsToNearestEvenOnEveryTarget) {
  std::vector<float> values;
  for (uint32_t exponent = 0; exponent < 256; ++exponent) {
    for (const uint32_t mantissa : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x2fffu, 0x3000u, 0x3001u, 0x7fefffu, 0x7ff000u,
                                    0x7fffffu, 0x400000u, 0x123456u}) {
      for (const uint32_t sign : {0u, 1u})
        values.push_back(std::bit_cast<float>(sign << 31 | exponent << 23 | mantissa));
    }
  }
  values.push_back(65504.0f);
  values.push_back(65519.996f);
  values.push_back(65520.0f);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    const OneTarget chosen(target);
    std::vector<uint16_t> got(values.size());
    resample_kernels().half(values.data(), values.size(), got.data());
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(got[i], half_from_float(values[i])) << hwy::TargetName(target) << " of " << values[i];
    }
  }
}

}  // namespace
}  // namespace smol
