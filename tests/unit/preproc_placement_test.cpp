#include <gtest/gtest.h>

#include "smol/preproc/placement.h"
#include "smol/preproc/source_geometry.h"

namespace smol {
namespace {

ResizeOp short_side(int side) { return {ResizeRule::kShortSide, side, {}}; }

// Expectations are torchvision's: int(short_side * long / short) in Python.
TEST(ResizedSize, TruncatesTheLongSide) {
  EXPECT_EQ(resized_size(short_side(256), {375, 500}), (LargeSize{256, 341}));
  EXPECT_EQ(resized_size(short_side(256), {500, 375}), (LargeSize{341, 256}));
  EXPECT_EQ(resized_size(short_side(256), {333, 500}), (LargeSize{256, 384}));
  EXPECT_EQ(resized_size(short_side(256), {400, 400}), (LargeSize{256, 256}));
  EXPECT_EQ(resized_size(short_side(256), {1, 1}), (LargeSize{256, 256}));
  EXPECT_EQ(resized_size(short_side(256), {1, 65535}), (LargeSize{256, 16776960}));
  EXPECT_EQ(resized_size(short_side(65535), {178956970, 1}), (LargeSize{11727945028950, 65535}));
  EXPECT_EQ(resized_size({ResizeRule::kExact, 0, {5, 6}}, {100, 3}), (LargeSize{5, 6}));
}

TEST(CenterCropOffset, RoundsHalvesToEven) {
  EXPECT_EQ(center_crop_offset(224, 224), 0);
  EXPECT_EQ(center_crop_offset(225, 224), 0);  // 0.5
  EXPECT_EQ(center_crop_offset(227, 224), 2);  // 1.5
  EXPECT_EQ(center_crop_offset(229, 224), 2);  // 2.5
  EXPECT_EQ(center_crop_offset(231, 224), 4);  // 3.5
  EXPECT_EQ(center_crop_offset(341, 224), 58);
  EXPECT_EQ(center_crop_offset(256, 224), 16);
}

Placement placed(LargeSize resized, const std::vector<WindowOp>& windows) {
  Placement placement;
  place(resized, windows, placement);
  return placement;
}

TEST(Place, CropsTheCentre) {
  const Placement placement = placed({256, 341}, {{{224, 224}}});
  EXPECT_EQ(placement.rows, (AxisPlacement{256, 16, 224, 0}));
  EXPECT_EQ(placement.columns, (AxisPlacement{341, 58, 224, 0}));
  EXPECT_TRUE(placement.padding.empty());
}

TEST(Place, PadsAPictureThatIsSmallerThanTheCrop) {
  const Placement placement = placed({101, 300}, {{{224, 224}}});
  EXPECT_EQ(placement.rows, (AxisPlacement{101, 0, 101, 61}));  // 123 rows of padding, 61 of them above
  EXPECT_EQ(placement.columns, (AxisPlacement{300, 38, 224, 0}));
  ASSERT_EQ(placement.padding.size(), 1u);
  EXPECT_EQ(placement.padding[0].canvas, (Rect{0, 0, 224, 224}));
}

TEST(Place, PadsAroundTheCentreOrInTheCorner) {
  EXPECT_EQ(placed({5, 8}, {{{10, 11}, false, true}}).rows, (AxisPlacement{5, 0, 5, 2}));
  EXPECT_EQ(placed({5, 8}, {{{10, 11}, false, true}}).columns, (AxisPlacement{8, 0, 8, 1}));
  EXPECT_EQ(placed({5, 8}, {{{10, 11}, false, false}}).rows, (AxisPlacement{5, 0, 5, 0}));
}

// What a crop cuts off does not come back when a pad makes room.
TEST(Place, KeepsCutsAndNestsPadding) {
  const Placement placement = placed({10, 10}, {{{4, 4}}, {{8, 8}, false, true}, {{12, 6}}});
  EXPECT_EQ(placement.rows, (AxisPlacement{10, 3, 4, 4}));
  EXPECT_EQ(placement.columns, (AxisPlacement{10, 3, 4, 1}));
  ASSERT_EQ(placement.padding.size(), 2u);
  EXPECT_EQ(placement.padding[0].canvas, (Rect{2, 0, 10, 6}));
  EXPECT_EQ(placement.padding[0].op, 1u);
  EXPECT_EQ(placement.padding[1].canvas, (Rect{0, 0, 12, 6}));
  EXPECT_EQ(placement.padding[1].op, 2u);
}

TEST(Place, MayLeaveNothingOfThePicture) {
  const Placement placement = placed({4, 4}, {{{90, 90}, false, false}, {{8, 8}}});
  EXPECT_EQ(placement.rows.count, 0);
  EXPECT_EQ(placement.columns.count, 0);
}

// Ten pixels: the flip puts pixel 9 first, and the crop behind it takes 9, 8, 7, 6 away.
TEST(Place, FollowsFlipsThroughCrops) {
  const WindowOp flip{.size = {}, .flip_columns = true};
  const WindowOp crop{.size = {10, 6}, .centred = false, .top = 0, .left = 4};
  EXPECT_EQ(placed({10, 10}, {flip, crop}).columns, (AxisPlacement{10, 0, 6, 0, true}));
  EXPECT_EQ(placed({10, 10}, {crop, flip}).columns, (AxisPlacement{10, 4, 6, 0, true}));
  EXPECT_EQ(placed({10, 10}, {crop, flip, flip}).columns, (AxisPlacement{10, 4, 6, 0, false}));
  EXPECT_EQ(placed({10, 10}, {crop, flip}).rows, (AxisPlacement{10, 0, 10, 0, false}));
}

TEST(Place, PadsWhereACropLeavesThePicture) {
  const WindowOp crop{.size = {10, 6}, .centred = false, .top = 2, .left = -4};
  const Placement placement = placed({10, 10}, {crop});
  EXPECT_EQ(placement.columns, (AxisPlacement{10, 0, 2, 4}));
  EXPECT_EQ(placement.rows, (AxisPlacement{10, 2, 8, 0}));
  ASSERT_EQ(placement.padding.size(), 1U);
  EXPECT_EQ(placement.padding[0].canvas, (Rect{0, 0, 10, 6}));
}

ResizeOp with(ResizeFilter filter) {
  ResizeOp op;
  op.filter = filter;
  return op;
}

TEST(SourceGeometry, OfAWholePictureIsTheWholeAxis) {
  const SourceGeometry source = source_geometry({{375, 500}, {0, 0, 375, 500}, 1, {375, 500}});
  const GridSampling columns = sample_source(source.columns, 341, with(ResizeFilter::kBilinear), true);
  EXPECT_EQ(columns.axis, (AxisSampling{500, 0.0, 500.0, 341, ResizeFilter::kBilinear, true}));
  EXPECT_EQ(columns.grid_offset, 0);
}

TEST(SourceGeometry, OfARegionKeepsTheGridOfTheWhole) {
  const SourceGeometry source = source_geometry({{64, 80}, {32, 48, 96, 128}, 1, {375, 500}});
  const GridSampling columns = sample_source(source.columns, 341, with(ResizeFilter::kBilinear), true);
  EXPECT_EQ(columns.axis, (AxisSampling{500, 0.0, 500.0, 341, ResizeFilter::kBilinear, true}));
  EXPECT_EQ(columns.grid_offset, 48);
}

TEST(SourceGeometry, OfAScaledDecodeHasAFractionalBox) {
  const SourceGeometry source = source_geometry({{47, 63}, {0, 0, 376, 504}, 8, {375, 500}});
  EXPECT_EQ(sample_source(source.columns, 341, with(ResizeFilter::kBicubic), true).axis,
            (AxisSampling{63, 0.0, 62.5, 341, ResizeFilter::kBicubic, true}));
  // Mirrored, the half pixel hangs over at the left.
  const SourceGeometry mirrored = oriented(source, Orientation::kFlipHorizontally);
  EXPECT_EQ(sample_source(mirrored.columns, 341, with(ResizeFilter::kBicubic), true).axis,
            (AxisSampling{63, 0.5, 63.0, 341, ResizeFilter::kBicubic, true}));
}

TEST(StoredRect, UndoesTheOrientation) {
  const Size stored{30, 50};
  const Rect displayed{1, 2, 4, 8};
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kUpright), displayed);
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kFlipHorizontally), (Rect{1, 42, 4, 48}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kRotate180), (Rect{26, 42, 29, 48}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kFlipVertically), (Rect{26, 2, 29, 8}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kTranspose), (Rect{2, 1, 8, 4}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kRotate90Clockwise), (Rect{22, 1, 28, 4}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kTransverse), (Rect{22, 46, 28, 49}));
  EXPECT_EQ(stored_rect(displayed, stored, Orientation::kRotate90CounterClockwise), (Rect{2, 46, 8, 49}));
}

TEST(UprightRect, UndoesStoredRect) {
  const Size stored{30, 50};
  for (int i = 1; i <= 8; ++i) {
    const Orientation orientation = static_cast<Orientation>(i);
    const Rect displayed{1, 2, 4, 8};
    EXPECT_EQ(upright_rect(stored_rect(displayed, stored, orientation), stored, orientation), displayed) << i;
  }
}

}  // namespace
}  // namespace smol
