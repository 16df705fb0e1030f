// The fused executor against its slow twins: Pillow's u8 arithmetic (bit by bit) and the f32 reference.
#include "smol/base/simd_targets.h"
// Before Highway.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>

#include "preproc_guarded_picture.h"
#include "preproc_twin.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/resample_kernels.h"

namespace smol {
namespace {

using twin::Pixels;
using twin::random_int;

struct Output {
  explicit Output(const InputSpec& spec) : bytes(spec.item_bytes(), std::byte{0xCD}), spec_(spec) {}
  TensorView view() { return {spec_.dtype, spec_.item_shape(), bytes.data()}; }
  const float* f32() const { return reinterpret_cast<const float*>(bytes.data()); }
  size_t elements() const { return static_cast<size_t>(spec_.item_shape().elements()); }
  std::vector<std::byte> bytes;

 private:
  InputSpec spec_;
};

Output run_fused(const PreprocGraph& graph, const Pixels& picture, Orientation orientation = Orientation::kUpright) {
  FusedExecutor executor(graph);
  Output out(executor.output());
  executor.run(picture.view(), orientation, out.view());
  return out;
}

// Element order of an output, as an index into packed RGB.
size_t rgb_index(const InputSpec& spec, bool bgr, size_t element) {
  const size_t plane = static_cast<size_t>(spec.height) * static_cast<size_t>(spec.width);
  const size_t pixel = spec.layout == Layout::kHWC ? element / 3 : element % plane;
  const size_t channel = spec.layout == Layout::kHWC ? element % 3 : element / plane;
  return pixel * 3 + (bgr ? 2 - channel : channel);
}

void expect_same_u8(const Output& out, const InputSpec& spec, bool bgr, const Pixels& want) {
  for (size_t i = 0; i < out.elements(); ++i) {
    ASSERT_EQ(static_cast<int>(out.bytes[i]), static_cast<int>(want.rgb[rgb_index(spec, bgr, i)])) << "element " << i;
  }
}

std::string description(const PreprocGraph& graph, Size size) {
  return to_text(graph) + " of " + std::to_string(size.height) + "x" + std::to_string(size.width);
}

TEST(FusedExecutor, EqualsPillowsArithmeticBitByBit) {
  std::mt19937 random(1);
  for (int i = 0; i < 600; ++i) {
    PreprocGraph graph = twin::random_u8_graph(random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 150), random);
    const Pixels want = twin::geometric_part(picture, graph);
    const bool bgr = random_int(random, 0, 2) == 0;
    if (bgr) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kBgr});
    if (random_int(random, 0, 1) == 0) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
    SCOPED_TRACE(description(graph, picture.size));
    expect_same_u8(run_fused(graph, picture), output_spec(graph), bgr, want);
    if (HasFailure()) return;
  }
}

TEST(FusedExecutor, HandlesExtremeShapes) {
  std::mt19937 random(2);
  for (const Size size : {Size{1, 1}, Size{1, 65535}, Size{65535, 1}, Size{2, 30000}, Size{30000, 3}, Size{1, 2}}) {
    for (const ResizeFilter filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
      const PreprocGraph exact{{ResizeOp{ResizeRule::kExact, 0, {7, 5}, filter}}};
      const Pixels picture = twin::random_pixels(size, random);
      SCOPED_TRACE(description(exact, size));
      expect_same_u8(run_fused(exact, picture), output_spec(exact), false, twin::geometric_part(picture, exact));
    }
  }
}

// 16.7 million pixels long after the resize; only the 224 shown columns may cost anything. They lie around the centre
// of pixel 32767: from 7/16 before it to 7/16 behind it.
TEST(FusedExecutor, ShowsTheMiddleOfAnEnormousResize) {
  const PreprocGraph graph{{ResizeOp{ResizeRule::kShortSide, 256, {}}, CenterCropOp{{224, 224}}}};
  Pixels picture({1, 65535}, 10);
  picture.at(0, 32768, 0) = 90;
  const Output out = run_fused(graph, picture);
  EXPECT_EQ(static_cast<int>(out.bytes[0]), 10);
  EXPECT_EQ(static_cast<int>(out.bytes[223 * 3]), 45);  // 10 + 80 * (111.5 / 256)
}

PreprocGraph with_random_f32_part(PreprocGraph graph, std::mt19937& random) {
  graph.ops.push_back(ConvertOp{});
  if (random_int(random, 0, 3) > 0) {
    graph.ops.push_back(NormaliseOp{1.0f / 255, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}});
  }
  if (random_int(random, 0, 3) == 0) graph.ops.push_back(CenterCropOp{{40, 41}});  // pads with 0 after normalising
  if (random_int(random, 0, 3) == 0) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kBgr});
  if (random_int(random, 0, 3) == 0) graph.ops.push_back(NormaliseOp{0.5f, {1, 2, 3}, {2, 4, 8}});
  if (random_int(random, 0, 2) > 0) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
  return graph;
}

// From the same u8 values, the f32 part differs from the reference by a few roundings: 1e-6 of the magnitude of
// what is added up.
TEST(FusedExecutor, NormalisesAsTheReferenceDoes) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const PreprocGraph u8_graph = twin::random_u8_graph(random);
    const PreprocGraph graph = with_random_f32_part(u8_graph, random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 90), random);
    SCOPED_TRACE(description(graph, picture.size));
    const Pixels u8 = twin::geometric_part(picture, u8_graph);
    PreprocGraph rest{{graph.ops.begin() + static_cast<ptrdiff_t>(u8_graph.ops.size()), graph.ops.end()}};
    rest.ops.insert(rest.ops.begin(), CenterCropOp{u8.size});  // changes nothing, but fixes the size

    const ReferenceExecutor reference(rest);
    Output want(reference.output());
    reference.run(u8.view(), Orientation::kUpright, want.view());
    const Output got = run_fused(graph, picture);
    ASSERT_EQ(got.elements(), want.elements());
    for (size_t e = 0; e < want.elements(); ++e) {
      ASSERT_NEAR(got.f32()[e], want.f32()[e], 1e-6f * (3.0f + std::abs(want.f32()[e]))) << "element " << e;
    }
  }
}

// One multiplication and one addition with a rounding each, on every CPU: a fused multiply-add would have one.
TEST(FusedExecutor, RoundsTwiceWhenNormalising) {
  std::mt19937 random(9);
  const Pixels picture = twin::random_pixels({60, 70}, random);
  const CenterCropOp crop{{60, 70}};
  const NormaliseOp normalise{1.0f / 255, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
  const Output got = run_fused({{crop, ConvertOp{}, normalise}}, picture);
  for (size_t e = 0; e < got.elements(); ++e) {
    const float scale = static_cast<float>(double{normalise.scale} / normalise.std[e % 3]);
    const float bias = static_cast<float>(-double{normalise.mean[e % 3]} / normalise.std[e % 3]);
    const float product = static_cast<float>(picture.rgb[e]) * scale;
    ASSERT_EQ(got.f32()[e], product + bias) << "element " << e;
  }
}

// Rounding to u8 after each pass moves a value by half a level, times the weights of the second pass, plus half a
// level: 1 for bilinear, whose weights sum to 1; below 1.4 for bicubic, with some negative weights.
TEST(FusedExecutor, StaysWithinRoundingOfTheReference) {
  std::mt19937 random(4);
  for (int i = 0; i < 300; ++i) {
    PreprocGraph graph = twin::random_u8_graph(random);
    graph.ops.push_back(ConvertOp{});
    const Pixels picture = twin::random_pixels(twin::random_size(random, 90), random);
    SCOPED_TRACE(description(graph, picture.size));
    const auto* resize = std::get_if<ResizeOp>(&graph.ops[0]);
    const float levels = resize != nullptr && resize->filter == ResizeFilter::kBicubic ? 1.4f : 1.01f;
    const ReferenceExecutor reference(graph);
    Output want(reference.output());
    reference.run(picture.view(), Orientation::kUpright, want.view());
    const Output got = run_fused(graph, picture);
    for (size_t e = 0; e < want.elements(); ++e) ASSERT_NEAR(got.f32()[e], want.f32()[e], levels) << "element " << e;
  }
}

// Strips of any height, strides of any kind, and no byte read beyond the last pixel of a strip.
TEST(FusedExecutor, DoesNotDependOnStripsOrStrides) {
  std::mt19937 random(5);
  for (int i = 0; i < 60; ++i) {
    const PreprocGraph graph = with_random_f32_part(twin::random_u8_graph(random), random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
    const Size size = picture.size;
    SCOPED_TRACE(description(graph, size));
    const Output want = run_fused(graph, picture);
    FusedExecutor executor(graph);
    for (const int strip_rows : {1, 2, 7, 16, size.height}) {
      const int extra = random_int(random, 0, 70);
      const bool upside_down = random_int(random, 0, 2) == 0;
      SCOPED_TRACE(testing::Message() << "strips of " << strip_rows << ", " << extra << " bytes between rows"
                                      << (upside_down ? ", negative stride" : ""));
      Output got(executor.output());
      executor.begin({size, {0, 0, size.height, size.width}, 1, size}, Orientation::kUpright, got.view());
      bool done = false;
      for (int row = 0; row < size.height && !done; row += strip_rows) {
        // Each strip lives in memory of its own, gone when the next comes.
        const GuardedPicture strip(picture, row, std::min(row + strip_rows, size.height), extra, upside_down);
        done = executor.push({row, strip.view()});
      }
      EXPECT_TRUE(done);
      executor.finish();
      ASSERT_EQ(got.bytes, want.bytes);
    }
  }
}

TEST(FusedExecutor, TurnsPicturesAsExifSays) {
  std::mt19937 random(6);
  for (int i = 0; i < 120; ++i) {
    const PreprocGraph graph = twin::random_u8_graph(random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 80), random);
    const Orientation orientation = static_cast<Orientation>(1 + i % 8);
    SCOPED_TRACE(description(graph, picture.size) + " orientation " + std::to_string(1 + i % 8));
    const Pixels want = twin::geometric_part(twin::oriented(picture, orientation), graph);
    expect_same_u8(run_fused(graph, picture, orientation), output_spec(graph), false, want);
    if (HasFailure()) return;
  }
}

TEST(FusedExecutor, OneObjectServesPicturesOfAllSizes) {
  std::mt19937 random(7);
  const PreprocGraph graph = preset_graph("imagenet", {32, 32});
  FusedExecutor executor(graph);
  for (int i = 0; i < 100; ++i) {
    const Pixels picture = twin::random_pixels(twin::random_size(random, 200), random);
    const Orientation orientation = static_cast<Orientation>(random_int(random, 1, 8));
    Output got(executor.output());
    executor.run(picture.view(), orientation, got.view());
    ASSERT_EQ(got.bytes, run_fused(graph, picture, orientation).bytes) << description(graph, picture.size);
  }
}

// Restricts Highway's choice for as long as it lives.
struct OneTarget {
  explicit OneTarget(int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  OneTarget(const OneTarget&) = delete;
  OneTarget& operator=(const OneTarget&) = delete;
  ~OneTarget() { hwy::SetSupportedTargetsForTest(0); }
};

// Every Highway target that this CPU can run gives the same bits, the plain C++ one included.
TEST(FusedExecutor, AllSimdTargetsAgree) {
  const std::vector<int64_t> targets = hwy::SupportedAndGeneratedTargets();
  std::vector<std::vector<std::byte>> want;
  for (const int64_t target : targets) {
    const OneTarget chosen(target);
    ASSERT_EQ(resample_kernels().target, std::string("N_") + hwy::TargetName(target));
    std::mt19937 random(8);
    for (size_t i = 0; i < 250; ++i) {
      PreprocGraph graph = twin::random_u8_graph(random);
      if (random_int(random, 0, 1) == 0) graph = with_random_f32_part(graph, random);
      if (random_int(random, 0, 1) == 0) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
      const Pixels picture = twin::random_pixels(twin::random_size(random, 150), random);
      const Output got = run_fused(graph, picture);
      if (want.size() <= i) want.push_back(got.bytes);
      ASSERT_EQ(got.bytes, want[i]) << hwy::TargetName(target) << ": " << description(graph, picture.size);
    }
    std::cout << "[ TARGET   ] " << hwy::TargetName(target) << "\n";
  }
  if (targets.size() < 2) GTEST_SKIP() << "this CPU runs one Highway target only";
}

}  // namespace
}  // namespace smol
