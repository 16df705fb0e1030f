// The stepwise executor, which fusing is measured against, computes the same: equal u8 values, then a few roundings.
#include <gtest/gtest.h>

#include <cmath>

#include "preproc_twin.h"
#include "smol/base/error.h"
#include "smol/preproc/stepwise_executor.h"

namespace smol {
namespace {

TEST(StepwiseExecutor, EqualsTheFusedOne) {
  std::mt19937 random(1);
  PreprocGraph bgr = preset_graph("imagenet", {28, 28});
  bgr.ops.insert(bgr.ops.end() - 1, ReorderChannelsOp{ChannelOrder::kBgr});
  for (const PreprocGraph& graph : {preset_graph("imagenet", {28, 28}), preset_graph("tf", {24, 24}), bgr}) {
    FusedExecutor fused(graph);
    StepwiseExecutor stepwise(graph);
    const InputSpec spec = output_spec(graph);
    const auto elements = static_cast<size_t>(spec.item_shape().elements());
    for (int i = 0; i < 20; ++i) {
      const twin::Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
      const auto orientation = static_cast<Orientation>(1 + i % 8);
      std::vector<float> want(elements);
      std::vector<float> got(elements);
      fused.run(picture.view(), orientation,
                {DType::kF32, spec.item_shape(), reinterpret_cast<std::byte*>(want.data())});
      stepwise.run(picture.view(), orientation,
                   {DType::kF32, spec.item_shape(), reinterpret_cast<std::byte*>(got.data())});
      for (size_t e = 0; e < elements; ++e) ASSERT_NEAR(got[e], want[e], 1e-6f * (3.0f + std::abs(want[e])));
    }
    EXPECT_EQ(stepwise.operation_ns().size(), graph.ops.size());
  }
}

TEST(StepwiseExecutor, RefusesWhatItCannotRun) {
  EXPECT_THROW(StepwiseExecutor({{ResizeOp{ResizeRule::kExact, 0, {4, 4}}}}), Error);  // u8
  PreprocGraph padded = preset_graph("imagenet", {28, 28});
  padded.ops.insert(padded.ops.begin() + 1, PadOp{{300, 300}});
  EXPECT_THROW(StepwiseExecutor{padded}, Error);
  std::mt19937 random(2);
  const twin::Pixels small = twin::random_pixels({4, 4}, random);
  const PreprocGraph crop{{CenterCropOp{{8, 8}}, ConvertOp{}, ReorderLayoutOp{}}};
  std::vector<std::byte> out(output_spec(crop).item_bytes());
  EXPECT_THROW(StepwiseExecutor(crop).run(small.view(), Orientation::kUpright,
                                          {DType::kF32, output_spec(crop).item_shape(), out.data()}),
               Error);
}

}  // namespace
}  // namespace smol
