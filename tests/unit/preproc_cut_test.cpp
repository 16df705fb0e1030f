// Proves: which cuts are offered, that prefix and suffix are the two parts of the graph, and that a cut above the
// operation that makes all pictures one size is refused unless they have one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/preproc/cut.h"

namespace smol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PreprocGraph imagenet() { return preset_graph("imagenet", {224, 224}); }

TEST(PossibleCuts, StandBehindOperationsOnU8ThatChangeTheNumberOfPixels) {
  EXPECT_THAT(possible_cuts(imagenet()), ElementsAre(5, 2, 1, 0));
  EXPECT_THAT(possible_cuts(preset_graph("raw", {32, 48})), ElementsAre(3, 1, 0));
}

TEST(PossibleCuts, DoNotSplitWorkPerPixel) {
  const PreprocGraph graph{{CenterCropOp{{8, 8}}, ReorderChannelsOp{ChannelOrder::kBgr}, ConvertOp{}, NormaliseOp{}}};
  EXPECT_THAT(possible_cuts(graph), ElementsAre(4, 1, 0));
}

TEST(PossibleCuts, AreNoneBehindAConversion) {
  const PreprocGraph graph{{ConvertOp{}, ResizeOp{ResizeRule::kExact, 0, {8, 8}}, CenterCropOp{{4, 4}}}};
  EXPECT_THAT(possible_cuts(graph), ElementsAre(3, 0));
}

TEST(PossibleCuts, OfNothingAreOne) { EXPECT_THAT(possible_cuts({}), ElementsAre(0)); }

TEST(CutsForAnySize, StandBehindTheOperationThatMakesAllPicturesOneSize) {
  EXPECT_THAT(cuts_for_any_size(imagenet()), ElementsAre(5, 2));
  EXPECT_THAT(cuts_for_any_size(preset_graph("raw", {32, 48})), ElementsAre(3, 1));
}

TEST(CutsForAnySize, MayHaveAResizeBelow) {
  const PreprocGraph graph{{CenterCropOp{{60, 60}}, ResizeOp{ResizeRule::kExact, 0, {30, 30}}, ConvertOp{}}};
  EXPECT_THAT(cuts_for_any_size(graph), ElementsAre(3, 2, 1));
}

TEST(CutGraph, IsTheTwoPartsOfTheGraph) {
  const CutGraph cut = cut_graph(imagenet(), 2);
  EXPECT_EQ(cut.slot, (InputSpec{DType::kU8, Layout::kHWC, 224, 224, 3}));
  PreprocGraph joined = cut.prefix;
  joined.ops.insert(joined.ops.end(), cut.suffix.ops.begin(), cut.suffix.ops.end());
  EXPECT_EQ(joined, imagenet());
  EXPECT_EQ(output_spec(cut.suffix, cut.slot), output_spec(imagenet()));
}

TEST(CutGraph, WithAllOnTheCpuHasNoSuffix) {
  const CutGraph cut = cut_graph(imagenet(), 5);
  EXPECT_EQ(cut.prefix, imagenet());
  EXPECT_TRUE(cut.suffix.ops.empty());
  EXPECT_EQ(cut.slot, output_spec(imagenet()));
  EXPECT_EQ(to_text(cut), "f32 CHW 224x224, all on the CPU");
}

TEST(CutGraph, AboveTheResizeHasTheSizeOfTheInputs) {
  const CutGraph cut = cut_graph(imagenet(), 0, Size{375, 500});
  EXPECT_EQ(cut.slot, (InputSpec{DType::kU8, Layout::kHWC, 375, 500, 3}));
  EXPECT_EQ(cut.suffix, imagenet());
}

TEST(CutGraph, BehindAShortSideResizeHasTheSizeThatItComesTo) {
  const CutGraph cut = cut_graph(imagenet(), 1, Size{375, 500});
  EXPECT_EQ(cut.slot, (InputSpec{DType::kU8, Layout::kHWC, 256, 341, 3}));
  EXPECT_EQ(output_spec(cut.prefix), cut.slot);
}

TEST(CutGraph, KnowsTheSizeBehindACropAndAShortSideResize) {
  const PreprocGraph graph{
      {CenterCropOp{{300, 400}}, ResizeOp{ResizeRule::kShortSide, 30, {}}, CenterCropOp{{30, 30}}, ConvertOp{}}};
  EXPECT_FALSE(needs_uniform_input(graph, 2));
  EXPECT_EQ(cut_graph(graph, 2).slot, (InputSpec{DType::kU8, Layout::kHWC, 30, 40, 3}));
}

TEST(CutGraph, RefusesMixedSizesAboveTheOperationThatMakesThemOne) {
  EXPECT_TRUE(needs_uniform_input(imagenet(), 0));
  EXPECT_TRUE(needs_uniform_input(imagenet(), 1));
  EXPECT_FALSE(needs_uniform_input(imagenet(), 2));
  for (const size_t cpu_ops : {size_t{0}, size_t{1}}) {
    EXPECT_THAT([&] { cut_graph(imagenet(), cpu_ops); }, testing::ThrowsMessage<Error>(HasSubstr("one size")));
  }
}

TEST(CutGraph, IsNotMadeBetweenBgrAndGrey) {
  const PreprocGraph graph{{ReorderChannelsOp{ChannelOrder::kBgr}, CenterCropOp{{30, 30}},
                            ReorderChannelsOp{ChannelOrder::kGrey, 3}, ConvertOp{}}};
  EXPECT_THAT(possible_cuts(graph), testing::ElementsAre(4, 0));
  EXPECT_THAT([&] { cut_graph(graph, 2); }, testing::ThrowsMessage<Error>(HasSubstr("grey")));
}

TEST(CutGraph, RefusesMoreOperationsThanThereAre) {
  EXPECT_THAT([] { cut_graph(imagenet(), 6); }, testing::ThrowsMessage<Error>(HasSubstr("0 to 5")));
}

}  // namespace
}  // namespace smol
