// The executor that takes a pass for each operation, which fusing is measured against, computes the same: equal u8
// values, then a few roundings.
#include <gtest/gtest.h>

#include <cmath>

#include "preproc_twin.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/pass_executor.h"

namespace smol {
namespace {

TensorView view_of(std::vector<float>& values, const InputSpec& spec) {
  return {spec.dtype, spec.item_shape(), reinterpret_cast<std::byte*>(values.data())};
}

// As declared, and as the optimiser rewrites it with each rule disabled in turn.
std::vector<PreprocGraph> variants(const PreprocGraph& graph) {
  std::vector<PreprocGraph> all{graph, optimise(graph).best()};
  for (const RuleUse& rule : optimise(graph).rules) {
    OptimiserOptions without;
    without.disabled = {std::string(rule.name)};
    all.push_back(optimise(graph, {}, without).best());
  }
  return all;
}

TEST(PassExecutor, EqualsTheFusedOne) {
  std::mt19937 random(1);
  PreprocGraph bgr = preset_graph("imagenet", {28, 28});
  bgr.ops.insert(bgr.ops.end() - 1, ReorderChannelsOp{ChannelOrder::kBgr});
  for (const PreprocGraph& graph : {preset_graph("imagenet", {28, 28}), preset_graph("tf", {24, 24}), bgr}) {
    FusedExecutor fused(graph);
    const InputSpec spec = output_spec(graph);
    const auto elements = static_cast<size_t>(spec.item_shape().elements());
    for (const PreprocGraph& variant : variants(graph)) {
      PassExecutor passes(variant);
      for (int i = 0; i < 20; ++i) {
        const twin::Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
        const auto orientation = static_cast<Orientation>(1 + i % 8);
        std::vector<float> want(elements);
        std::vector<float> got(elements);
        fused.run(picture.view(), orientation, view_of(want, spec));
        ASSERT_TRUE(passes.run(picture.view(), orientation, view_of(got, spec)));
        for (size_t e = 0; e < elements; ++e) {
          ASSERT_NEAR(got[e], want[e], 1e-6f * (3.0f + std::abs(want[e]))) << to_text(variant);
        }
      }
      EXPECT_EQ(passes.operation_ns().size(), variant.ops.size());
    }
  }
}

TEST(PassExecutor, SaysWhatItHasNoPassFor) {
  std::mt19937 random(2);
  const twin::Pixels picture = twin::random_pixels({4, 4}, random);
  for (const PreprocGraph& graph : {PreprocGraph{{CenterCropOp{{4, 4}}, ReorderChannelsOp{ChannelOrder::kGrey, 1}}},
                                    PreprocGraph{{CenterCropOp{{4, 4}}, ConvertOp{}, CenterCropOp{{8, 8}}}},
                                    PreprocGraph{{CenterCropOp{{4, 4}}, ConvertOp{}, FlipOp{true}}}}) {
    const InputSpec spec = output_spec(graph);
    std::vector<float> out(static_cast<size_t>(spec.item_shape().elements()));
    EXPECT_FALSE(PassExecutor(graph).run(picture.view(), Orientation::kUpright, view_of(out, spec)));
  }
}

}  // namespace
}  // namespace smol
