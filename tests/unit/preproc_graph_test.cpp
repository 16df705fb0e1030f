#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/preproc/graph.h"

namespace smol {
namespace {

TEST(OutputSpec, FollowsTheChain) {
  const PreprocGraph u8{{ResizeOp{ResizeRule::kShortSide, 256, {}}, CenterCropOp{{224, 200}}}};
  EXPECT_EQ(output_spec(u8), (InputSpec{DType::kU8, Layout::kHWC, 224, 200, 3}));
  const PreprocGraph f32{{ResizeOp{ResizeRule::kExact, 0, {30, 40}}, PadOp{{32, 48}}, ConvertOp{}, NormaliseOp{},
                          ReorderChannelsOp{ChannelOrder::kBgr}, ReorderLayoutOp{Layout::kCHW}}};
  EXPECT_EQ(output_spec(f32), (InputSpec{DType::kF32, Layout::kCHW, 32, 48, 3}));
}

TEST(OutputSpec, KnowsTheSizeOfALetterboxAndTheChannelsOfGrey) {
  const ResizeOp contain{ResizeRule::kLongSide, 0, {}, ResizeFilter::kBilinear, true, 64};
  const PreprocGraph graph{
      {contain, PadOp{{64, 80}}, ReorderChannelsOp{ChannelOrder::kGrey, 1}, ConvertOp{DType::kF16}}};
  EXPECT_EQ(output_spec(graph), (InputSpec{DType::kF16, Layout::kHWC, 64, 80, 1}));
  EXPECT_EQ(output_spec(graph).item_bytes(), 64u * 80 * 2);
}

TEST(OutputSpec, TakesACropWithoutAResize) {
  EXPECT_EQ(output_spec({{CenterCropOp{{7, 9}}}}), (InputSpec{DType::kU8, Layout::kHWC, 7, 9, 3}));
}

struct Refusal {
  const char* name;
  PreprocGraph graph;
  const char* message;
};
class OutputSpecRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(OutputSpecRefuses, WithAMessage) {
  try {
    output_spec(GetParam().graph);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().message));
  }
}

const ResizeOp kExact{ResizeRule::kExact, 0, {8, 8}};
INSTANTIATE_TEST_SUITE_P(
    Graphs, OutputSpecRefuses,
    testing::Values(
        Refusal{"Empty", {}, "no fixed output size"},
        Refusal{"ShortSideOnly", {{ResizeOp{ResizeRule::kShortSide, 256, {}}}}, "no fixed output size"},
        Refusal{"ShortSideZero",
                {{ResizeOp{}, CenterCropOp{{8, 8}}}},
                "operation 1: short_side must be 1..65535: resize short_side=0"},
        Refusal{"EmptyCrop", {{CenterCropOp{{0, 8}}}}, "height and width must be 1..65535: center_crop 0x8"},
        Refusal{"HugeResize", {{ResizeOp{ResizeRule::kExact, 0, {8, 65536}}}}, "must be 1..65535"},
        Refusal{
            "NormaliseU8", {{kExact, NormaliseOp{}}}, "operation 2: normalise works on f32: put convert before it"},
        Refusal{
            "ZeroStd", {{kExact, ConvertOp{}, NormaliseOp{1, {0, 0, 0}, {1, 0, 1}}}}, "std must be finite and not 0"},
        Refusal{"ConvertTwice", {{kExact, ConvertOp{}, ConvertOp{}}}, "f32 already"},
        Refusal{"ConvertToU8", {{kExact, ConvertOp{DType::kU8}}}, "the values are u8 already"},
        Refusal{"ComputeInF16", {{kExact, ConvertOp{DType::kF16}, NormaliseOp{}}}, "normalise works on f32"},
        Refusal{"ConvertBack", {{kExact, ConvertOp{DType::kF16}, ConvertOp{}}}, "nothing is converted back from f16"},
        Refusal{"ScaleU8", {{kExact, ScaleOp{2}}}, "scale works on f32"},
        Refusal{"NearestAntialiased",
                {{ResizeOp{ResizeRule::kExact, 0, {8, 8}, ResizeFilter::kNearest}}},
                "nearest does not antialias"},
        Refusal{"LongSideOnly",
                {{ResizeOp{ResizeRule::kLongSide, 0, {}, ResizeFilter::kBilinear, true, 8}}},
                "no fixed output size"},
        Refusal{"LetterboxTooSmall",
                {{ResizeOp{ResizeRule::kLongSide, 0, {}, ResizeFilter::kBilinear, true, 8}, PadOp{{8, 7}}}},
                "pad cannot make a picture smaller"},
        Refusal{"EmptyRegion", {{CropOp{{3, 3, 3, 9}}}}, "height and width must be 1..65535: crop 0x6+3+3"},
        Refusal{"TwoGreyChannels",
                {{kExact, ReorderChannelsOp{ChannelOrder::kGrey, 2}}},
                "only grey has another number of channels"},
        Refusal{"GreyTwice",
                {{kExact, ReorderChannelsOp{ChannelOrder::kGrey, 1}, ReorderChannelsOp{}}},
                "grey channels cannot be reordered"},
        Refusal{
            "PadOfAnySize", {{ResizeOp{ResizeRule::kShortSide, 9, {}}, PadOp{{20, 20}}}}, "pad needs a fixed size"},
        Refusal{"PadSmaller", {{kExact, PadOp{{7, 9}}}}, "pad cannot make a picture smaller"}),
    [](const testing::TestParamInfo<Refusal>& test) { return test.param.name; });

TEST(ToText, NamesEveryOperation) {
  const PreprocGraph graph{{ResizeOp{ResizeRule::kShortSide, 256, {}, ResizeFilter::kBicubic},
                            ResizeOp{ResizeRule::kExact, 0, {8, 9}, ResizeFilter::kBilinear, false},
                            CenterCropOp{{224, 225}}, PadOp{{230, 240}, 114}, PadOp{{231, 241}, 0, false},
                            ReorderChannelsOp{ChannelOrder::kBgr}, ConvertOp{},
                            NormaliseOp{0.5f, {1, 2, 3}, {4, 5, 6}}, ReorderLayoutOp{}}};
  EXPECT_EQ(to_text(graph),
            "resize short_side=256 bicubic antialias | resize 8x9 bilinear | center_crop 224x225 | "
            "pad 230x240 value=114 centred | pad 231x241 value=0 | channels bgr | convert f32 | "
            "normalise scale=0.5 mean=1,2,3 std=4,5,6 | layout CHW");
}

TEST(ToText, NamesTheLaterOperations) {
  const ResizeOp contain{ResizeRule::kLongSide,     0,   {}, ResizeFilter::kArea, true, 64,
                         ResizeConvention::kOpenCv, true};
  const PreprocGraph graph{{CropOp{{-1, 2, 9, 13}}, contain, FlipOp{true, true},
                            ReorderChannelsOp{ChannelOrder::kGrey, 1}, ScaleOp{0.5f}, ConvertOp{DType::kF16}}};
  EXPECT_EQ(to_text(graph),
            "crop 10x11-1+2 | resize long_side=64 area opencv mergeable | flip horizontal vertical | "
            "channels grey 1 | scale 0.5 | convert f16");
}

TEST(PresetGraph, HasTheUsualNumbers) {
  EXPECT_EQ(to_text(preset_graph("imagenet", {224, 224})),
            "resize short_side=256 bilinear antialias | center_crop 224x224 | convert f32 | "
            "normalise scale=0.003921569 mean=0.485,0.456,0.406 std=0.229,0.224,0.225 | layout CHW");
  EXPECT_EQ(to_text(preset_graph("tf", {240, 240})),
            "resize short_side=274 bilinear antialias | center_crop 240x240 | convert f32 | "
            "normalise scale=1 mean=127.5,127.5,127.5 std=127.5,127.5,127.5 | layout CHW");
  EXPECT_EQ(to_text(preset_graph("raw", {64, 80})), "resize 64x80 bilinear antialias | convert f32 | layout CHW");
}

TEST(PresetGraph, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(preset_graph("caffe", {224, 224}), Error);
  EXPECT_THROW(preset_graph("raw", {0, 224}), Error);
}

}  // namespace
}  // namespace smol
