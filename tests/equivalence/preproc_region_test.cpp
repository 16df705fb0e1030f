// Partial decodes: a region gives the full decode's bits; a scaled decode is sampled where it should be.
#include <gtest/gtest.h>

#include <algorithm>

#include "preproc_twin.h"
#include "smol/base/error.h"
#include "smol/preproc/executor.h"

namespace smol {
namespace {

using twin::Pixels;
using twin::random_int;

std::vector<std::byte> run_decoded(const PreprocGraph& graph, ConstImageView decoded, const Rect& covers, Size full,
                                   int denominator, Orientation orientation) {
  FusedExecutor executor(graph);
  std::vector<std::byte> bytes(executor.output().item_bytes(), std::byte{0xCD});
  const TensorView out{executor.output().dtype, executor.output().item_shape(), bytes.data()};
  executor.begin({decoded.size, covers, denominator, full}, orientation, out);
  executor.push({0, decoded});
  executor.finish();
  return bytes;
}

ConstImageView part(const Pixels& picture, const Rect& rect) {
  return {picture.view().row(rect.top) + rect.left * 3, rect.size(), 3, picture.view().stride_bytes};
}

Rect grown(const Rect& rect, Size limit, std::mt19937& random) {
  return {random_int(random, 0, rect.top), random_int(random, 0, rect.left),
          random_int(random, rect.bottom, limit.height), random_int(random, rect.right, limit.width)};
}

TEST(RegionDecode, EqualsTheFullDecode) {
  std::mt19937 random(11);
  int smaller = 0;
  for (int i = 0; i < 600; ++i) {
    const PreprocGraph graph = twin::random_u8_graph(random);
    const Pixels picture = twin::random_pixels(twin::random_size(random, 120), random);
    const Orientation orientation = static_cast<Orientation>(1 + i % 8);
    SCOPED_TRACE(testing::Message() << to_text(graph) << " of " << picture.size.height << "x" << picture.size.width
                                    << " orientation " << 1 + i % 8);
    const Rect all{0, 0, picture.size.height, picture.size.width};
    const auto want = run_decoded(graph, picture.view(), all, picture.size, 1, orientation);

    const Rect needed = needed_source_rect(graph, oriented(picture.size, orientation), orientation);
    smaller += needed != all;
    EXPECT_EQ(run_decoded(graph, part(picture, needed), needed, picture.size, 1, orientation), want);
    const Rect more = grown(needed, picture.size, random);
    EXPECT_EQ(run_decoded(graph, part(picture, more), more, picture.size, 1, orientation), want);
  }
  EXPECT_GT(smaller, 200);
}

TEST(RegionDecode, RefusesARegionThatIsTooSmall) {
  const PreprocGraph graph{{ResizeOp{ResizeRule::kShortSide, 40, {}}, CenterCropOp{{30, 30}}}};
  const Pixels picture({90, 120});
  const Rect needed = needed_source_rect(graph, picture.size, Orientation::kUpright);
  for (const Rect& cut : {Rect{needed.top + 3, needed.left, needed.bottom, needed.right},
                          Rect{needed.top, needed.left + 3, needed.bottom, needed.right},
                          Rect{needed.top, needed.left, needed.bottom - 3, needed.right},
                          Rect{needed.top, needed.left, needed.bottom, needed.right - 3}}) {
    EXPECT_THROW(run_decoded(graph, part(picture, cut), cut, picture.size, 1, Orientation::kUpright), Error);
  }
}

// 500x375 -> 256 -> 224: hand-computed. Output column 0 of the crop is resized column 58 (341 - 224 = 117, half 58.5
// to even), centred at 58.5 * 500 / 341 = 85.777, support 1.466: first pixel int(85.777 - 1.466 + 0.5) = 84.
TEST(NeededSourceRect, IncludesTheFilterSupport) {
  const PreprocGraph graph = preset_graph("imagenet", {224, 224});
  const Rect upright = needed_source_rect(graph, {375, 500}, Orientation::kUpright);
  EXPECT_EQ(upright.left, 84);
  EXPECT_EQ(upright.right, 414);  // resized column 281: centre 412.757, + 1.466 + 0.5 = 414.72
  EXPECT_EQ(upright.top, 23);     // resized row 16: centre 24.170, - 1.465 + 0.5 = 23.2
  EXPECT_EQ(upright.bottom, 352);
  // The same picture, stored turned: displayed columns are stored rows.
  const Rect turned = needed_source_rect(graph, {375, 500}, Orientation::kTranspose);
  EXPECT_EQ(turned, (Rect{upright.left, upright.top, upright.right, upright.bottom}));
  const Rect flipped = needed_source_rect(graph, {375, 500}, Orientation::kFlipHorizontally);
  EXPECT_EQ(flipped, (Rect{upright.top, 500 - upright.right, upright.bottom, 500 - upright.left}));
  EXPECT_EQ(FusedExecutor(graph).needed_source_rect({375, 500}, Orientation::kFlipHorizontally), flipped);
  EXPECT_THROW(needed_source_rect(graph, {375, 500}, Orientation::kUpright, 0), Error);
}

TEST(NeededSourceRect, IsNeverEmpty) {
  // The pad puts the picture into the corner, the crop takes the middle.
  const PreprocGraph graph{
      {ResizeOp{ResizeRule::kExact, 0, {4, 4}}, PadOp{{90, 90}, 7, false}, CenterCropOp{{8, 8}}}};
  EXPECT_EQ(needed_source_rect(graph, {50, 50}, Orientation::kUpright), (Rect{0, 0, 1, 1}));
  const Pixels picture({50, 50}, 200);
  const auto out = run_decoded(graph, picture.view(), {0, 0, 50, 50}, picture.size, 1, Orientation::kUpright);
  EXPECT_TRUE(std::ranges::all_of(out, [](std::byte value) { return value == std::byte{7}; }));
}

Rect covered(Size decoded, int denominator) {
  return {0, 0, decoded.height * denominator, decoded.width * denominator};
}

int scaled(int side, int denominator) { return (side + denominator - 1) / denominator; }

// A picture at 1/d stands for the full one although its last pixel may hang over the border: Pillow's
// resize(box=(0, 0, width / d, height / d)).
TEST(ScaledDecode, SamplesTheFullPicturesExtent) {
  std::mt19937 random(12);
  for (int i = 0; i < 200; ++i) {
    const int d = 1 << random_int(random, 0, 3);
    const Size full{random_int(random, 1, 300), random_int(random, 1, 300)};
    const Pixels picture = twin::random_pixels({scaled(full.height, d), scaled(full.width, d)}, random);
    const ResizeOp resize{ResizeRule::kExact, 0, {random_int(random, 1, 40), random_int(random, 1, 40)}};
    const twin::Box box{0, 0, 1.0 * full.height / d, 1.0 * full.width / d};
    const Pixels want = twin::resized(picture, resize.size, box, resize.filter, true);
    const auto got =
        run_decoded({{resize}}, picture.view(), covered(picture.size, d), full, d, Orientation::kUpright);
    ASSERT_TRUE(std::ranges::equal(got, std::as_bytes(std::span(want.rgb))))
        << full.height << "x" << full.width << " at 1/" << d << ": " << to_text({{resize}});
  }
}

// Turned, the overhanging pixel comes first: the box starts inside it.
TEST(ScaledDecode, KnowsWhereThePictureBeginsWhenItIsTurned) {
  std::mt19937 random(13);
  const int d = 8;
  const Size full{300, 245};
  const Pixels picture = twin::random_pixels({38, 31}, random);
  const ResizeOp resize{ResizeRule::kExact, 0, {20, 21}};
  const Pixels turned = twin::oriented(picture, Orientation::kRotate180);
  const twin::Box box{38 - 300.0 / 8, 31 - 245.0 / 8, 38, 31};
  const Pixels want = twin::resized(turned, resize.size, box, resize.filter, true);
  const auto got =
      run_decoded({{resize}}, picture.view(), covered(picture.size, d), full, d, Orientation::kRotate180);
  EXPECT_TRUE(std::ranges::equal(got, std::as_bytes(std::span(want.rgb))));
}

TEST(ScaledDecode, OfARegionEqualsThatOfTheWhole) {
  std::mt19937 random(14);
  for (int i = 0; i < 300; ++i) {
    const int d = 1 << random_int(random, 1, 3);
    const Orientation orientation = static_cast<Orientation>(1 + i % 8);
    const Size full{random_int(random, 20, 400), random_int(random, 20, 400)};
    const Pixels picture = twin::random_pixels({scaled(full.height, d), scaled(full.width, d)}, random);
    const PreprocGraph graph{{ResizeOp{ResizeRule::kShortSide, 24, {}}, CenterCropOp{{20, 21}}}};
    const auto want = run_decoded(graph, picture.view(), covered(picture.size, d), full, d, orientation);

    const Rect needed = needed_source_rect(graph, oriented(full, orientation), orientation, d);
    ASSERT_TRUE(needed.top % d == 0 && needed.left % d == 0);
    const Rect pixels{needed.top / d, needed.left / d, scaled(needed.bottom, d), scaled(needed.right, d)};
    const Rect covers{needed.top, needed.left, pixels.bottom * d, pixels.right * d};
    EXPECT_EQ(run_decoded(graph, part(picture, pixels), covers, full, d, orientation), want)
        << full.height << "x" << full.width << " at 1/" << d << " orientation " << 1 + i % 8;
  }
}

}  // namespace
}  // namespace smol
