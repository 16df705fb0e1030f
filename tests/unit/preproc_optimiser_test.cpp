#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "smol/base/error.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/fused_plan.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

const ResizeOp kBilinear{ResizeRule::kShortSide, 256, {}};
const ResizeOp kBicubic{ResizeRule::kShortSide, 256, {}, ResizeFilter::kBicubic};
const NormaliseOp kNormalise{1.0f, {127, 127, 127}, {128, 128, 128}};
const CenterCropOp kCrop{{224, 224}};

bool makes(const Rule& rule, const PreprocGraph& graph, const PreprocGraph& wanted) {
  const std::vector<PreprocGraph> made = rule.rewrite(graph);
  return std::find(made.begin(), made.end(), wanted) != made.end();
}

TEST(MovePointwise, MovesAConversionPastABilinearResizeButNotABicubicOne) {
  EXPECT_TRUE(makes(kMovePointwise, {{ConvertOp{}, kBilinear, kCrop}}, {{kBilinear, ConvertOp{}, kCrop}}));
  EXPECT_FALSE(makes(kMovePointwise, {{ConvertOp{}, kBicubic, kCrop}}, {{kBicubic, ConvertOp{}, kCrop}}));
  EXPECT_TRUE(makes(kMovePointwise, {{ConvertOp{}, kNormalise, kBicubic, kCrop}},
                    {{ConvertOp{}, kBicubic, kNormalise, kCrop}}));
}

TEST(MovePointwise, KeepsANormalisationOnItsSideOfWhatFills) {
  EXPECT_TRUE(makes(kMovePointwise, {{kBilinear, ConvertOp{}, kNormalise, kCrop}},
                    {{kBilinear, ConvertOp{}, kCrop, kNormalise}}));
  const CenterCropOp large{{300, 300}};  // pads with zeros
  EXPECT_FALSE(makes(kMovePointwise, {{kBilinear, ConvertOp{}, kNormalise, large}},
                     {{kBilinear, ConvertOp{}, large, kNormalise}}));
  const PadOp pad{{256, 256}, 114};
  EXPECT_FALSE(
      makes(kMovePointwise, {{kCrop, ConvertOp{}, kNormalise, pad}}, {{kCrop, ConvertOp{}, pad, kNormalise}}));
}

TEST(MovePointwise, SwapsTheNumbersWhenItPassesAChangeOfOrder) {
  const NormaliseOp rgb{1, {1, 2, 3}, {4, 5, 6}};
  const NormaliseOp bgr{1, {3, 2, 1}, {6, 5, 4}};
  EXPECT_TRUE(makes(kMovePointwise, {{kCrop, ConvertOp{}, rgb, ReorderChannelsOp{ChannelOrder::kBgr}}},
                    {{kCrop, ConvertOp{}, ReorderChannelsOp{ChannelOrder::kBgr}, bgr}}));
}

TEST(SwapResizeCrop, TakesACropBehindAResizeOnly) {
  EXPECT_TRUE(makes(kSwapResizeCrop, {{kBicubic, kCrop}}, {{CroppedResizeOp{kBicubic, kCrop}}}));
  EXPECT_TRUE(kSwapResizeCrop.rewrite({{kCrop, kBicubic}}).empty());
}

TEST(CropInDecoder, TakesTheFirstOperationOnly) {
  const CroppedResizeOp cropped{kBicubic, kCrop};
  EXPECT_TRUE(makes(kCropInDecoder, {{cropped}}, {{CroppedResizeOp{kBicubic, kCrop, true}}}));
  EXPECT_TRUE(kCropInDecoder.rewrite({{FlipOp{true}, cropped}}).empty());
}

TEST(MergeResizes, TakesOnlyWhatIsDeclaredMergeable) {
  ResizeOp second{ResizeRule::kExact, 0, {64, 64}};
  EXPECT_TRUE(kMergeResizes.rewrite({{kBilinear, second}}).empty());
  second.mergeable = true;
  ResizeOp merged = second;
  merged.mergeable = false;
  EXPECT_TRUE(makes(kMergeResizes, {{kBilinear, second}}, {{merged}}));
}

TEST(DeadChannels, MakeGreyEarlyAndDropOverwrittenOrders) {
  const ReorderChannelsOp grey{ChannelOrder::kGrey, 1};
  EXPECT_TRUE(makes(kDeadChannels, {{kBilinear, grey}}, {{grey, kBilinear}}));
  EXPECT_FALSE(makes(kDeadChannels, {{kBicubic, grey}}, {{grey, kBicubic}}));  // each channel is clamped first
  EXPECT_TRUE(makes(kDeadChannels, {{ReorderChannelsOp{ChannelOrder::kBgr}, grey}}, {{grey}}));
  EXPECT_TRUE(makes(kDeadChannels, {{kCrop, ReorderChannelsOp{}}}, {{kCrop}}));
}

TEST(Optimise, ReducesAPresetToOneResizeOfADecodedRegionAndOnePass) {
  const OptimisedGraphs got = optimise(preset_graph("imagenet", {224, 224}));
  ASSERT_TRUE(got.fusable);
  EXPECT_TRUE(got.complete);
  ASSERT_EQ(got.best().ops.size(), 2u) << to_text(got.best());
  EXPECT_EQ(to_text(got.best().ops[0]),
            "center_crop 224x224 of resize short_side=256 bilinear antialias of decoded region");
  EXPECT_TRUE(std::holds_alternative<PointwiseOp>(got.best().ops[1]));
}

TEST(Optimise, LeavesAFusedPlanAsItWas) {
  for (const char* preset : {"imagenet", "tf", "raw"}) {
    const PreprocGraph declared = preset_graph(preset, {224, 224});
    const FusedPlan before = fuse(declared);
    const FusedPlan after = fuse(optimise(declared).best());
    EXPECT_EQ(after.output, before.output);
    EXPECT_EQ(after.scale, before.scale);
    EXPECT_EQ(after.bias, before.bias);
    EXPECT_EQ(after.source_channel, before.source_channel);
    EXPECT_EQ(after.resize, before.resize);
  }
}

TEST(Optimise, RunsWhatOnlyARewriteMakesFusable) {
  const PreprocGraph tensors{{ConvertOp{}, ReorderLayoutOp{}, kBilinear, kCrop, kNormalise}};
  EXPECT_THROW(fuse(tensors), Error);
  const OptimisedGraphs got = optimise(tensors);
  EXPECT_TRUE(got.fusable);
  EXPECT_NO_THROW(FusedExecutor(got.best()));
}

TEST(Optimise, RunsTwoResizesOnlyIfTheSecondIsDeclaredMergeable) {
  ResizeOp second{ResizeRule::kExact, 0, {64, 64}};
  EXPECT_FALSE(optimise({{kBilinear, second}}).fusable);
  second.mergeable = true;
  const OptimisedGraphs merged = optimise({{kBilinear, second}});
  EXPECT_TRUE(merged.fusable);
  EXPECT_EQ(merged.best().ops.size(), 1u);
}

TEST(Optimise, SaysWhyEveryOtherGraphIsOut) {
  const OptimisedGraphs got = optimise(preset_graph("imagenet", {224, 224}));
  std::set<std::string> graphs;
  for (size_t i = 0; i < got.alternatives.size(); ++i) {
    const Alternative& each = got.alternatives[i];
    EXPECT_EQ(each.removed_by.empty(), i == got.chosen);
    EXPECT_LT(each.made_from, std::max<size_t>(i, 1));
    graphs.insert(to_text(each.graph));
  }
  EXPECT_EQ(graphs.size(), got.alternatives.size());
}

TEST(Optimise, AppliesNoDisabledRule) {
  for (const Rule& rule : all_rules()) {
    OptimiserOptions options;
    options.disabled = {std::string(rule.name)};
    options.check = [&](std::string_view applied, const PreprocGraph&, const PreprocGraph&) {
      EXPECT_NE(applied, rule.name);
    };
    const OptimisedGraphs got = optimise(preset_graph("imagenet", {224, 224}), {}, options);
    for (const Alternative& each : got.alternatives) EXPECT_NE(each.removed_by, rule.name);
  }
}

TEST(Optimise, RefusesRulesThatDoNotExist) {
  OptimiserOptions options;
  options.disabled = {"fastest"};
  EXPECT_THROW(optimise(preset_graph("raw", {8, 8}), {}, options), Error);
}

TEST(GraphCost, CountsTheArithmeticOfEachPass) {
  // 8x8 to 4x4, two taps stretched by two: 8 rows of 4 pixels and 4 rows of 4, four taps, times and plus, 3 channels.
  const PreprocGraph resize{{ResizeOp{ResizeRule::kExact, 0, {4, 4}}}};
  EXPECT_DOUBLE_EQ(graph_cost(resize, {8, 8}, kPlainCounts), 2.0 * 4 * (8 * 4 + 4 * 4) * 3);
  const PreprocGraph pointwise{{CenterCropOp{{4, 4}}, ConvertOp{}, kNormalise}};
  EXPECT_DOUBLE_EQ(graph_cost(pointwise, {8, 8}, kPlainCounts), 4.0 * 4 * 4 * 3);
}

}  // namespace
}  // namespace smol
