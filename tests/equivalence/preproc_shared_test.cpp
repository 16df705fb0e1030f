// One decode for several graphs gives the bits of an executor a graph.
#include <gtest/gtest.h>

#include <vector>

#include "preproc_random_graph.h"
#include "smol/base/error.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/shared_executor.h"

namespace smol {
namespace {

struct Outputs {
  std::vector<std::vector<std::byte>> bytes;
  std::vector<TensorView> views;

  explicit Outputs(const std::vector<PreprocGraph>& graphs) : bytes(graphs.size()) {
    for (size_t i = 0; i < graphs.size(); ++i) {
      const InputSpec spec = output_spec(graphs[i]);
      bytes[i].resize(spec.item_bytes());
      views.push_back({spec.dtype, spec.item_shape(), bytes[i].data()});
    }
  }
};

std::vector<PreprocGraph> graphs() {
  PreprocGraph bicubic = preset_graph("imagenet", {56, 56});
  std::get<ResizeOp>(bicubic.ops[0]).filter = ResizeFilter::kBicubic;
  PreprocGraph bgr = preset_graph("tf", {56, 56});
  bgr.ops.insert(bgr.ops.begin() + 2, ReorderChannelsOp{ChannelOrder::kBgr});
  const ResizeOp exact{ResizeRule::kExact, 0, {20, 24}};
  // Two regions of the picture are crops in front of the same graph.
  const PreprocGraph region{{CropOp{{2, 3, 40, 30}}, exact}};
  const PreprocGraph other_region{{CropOp{{0, 10, 30, 33}}, exact}};
  return {preset_graph("imagenet", {56, 56}),
          preset_graph("tf", {56, 56}),
          bicubic,
          preset_graph("raw", {30, 40}),
          preset_graph("tf", {56, 56}),
          bgr,
          region,
          other_region};
}

TEST(SharedExecutor, EqualsAnExecutorAGraph) {
  const std::vector<PreprocGraph> all = graphs();
  SharedExecutor shared(all);
  EXPECT_EQ(shared.passes(), 5u);  // bilinear 56, bicubic 56, raw, and the two regions
  for (const Orientation orientation : {Orientation::kUpright, Orientation::kRotate90Clockwise}) {
    for (const Size size : {Size{90, 121}, Size{40, 33}, Size{1, 200}}) {
      const RandomPicture picture(size, 3, 4);
      Outputs wanted(all);
      for (size_t i = 0; i < all.size(); ++i) {
        FusedExecutor(optimise(all[i]).best()).run(picture.view(), orientation, wanted.views[i]);
      }
      Outputs got(all);
      shared.begin({size, {0, 0, size.height, size.width}, 1, size}, orientation, got.views);
      for (int row = 0; row < size.height; row += 16) {
        const int rows = std::min(16, size.height - row);
        shared.push({row, {picture.view().row(row), {rows, size.width}, 3, picture.stride}});
      }
      shared.finish();
      for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(got.bytes[i], wanted.bytes[i]) << i;
    }
  }
}

TEST(SharedExecutor, LeavesOutWhatIsNotWanted) {
  const std::vector<PreprocGraph> all = graphs();
  SharedExecutor shared(all);
  const RandomPicture picture({90, 121}, 0, 4);
  const DecodedGeometry geometry{picture.size, {0, 0, 90, 121}, 1, picture.size};
  Outputs whole(all);
  shared.begin(geometry, Orientation::kUpright, whole.views);
  shared.push({0, picture.view()});
  shared.finish();
  for (const size_t wanted : {size_t{0}, size_t{3}, size_t{4}}) {
    Outputs some(all);
    for (size_t i = 0; i < all.size(); ++i) {
      if (i != wanted) some.views[i].data = nullptr;
    }
    shared.begin(geometry, Orientation::kUpright, some.views);
    shared.push({0, picture.view()});
    shared.finish();
    EXPECT_EQ(some.bytes[wanted], whole.bytes[wanted]);
  }
}

TEST(SharedExecutor, NeedsWhatAnyGraphNeeds) {
  const std::vector<PreprocGraph> all = graphs();
  const SharedExecutor shared(all);
  const Rect needed = shared.needed_source_rect({400, 300}, Orientation::kUpright);
  for (const PreprocGraph& graph : all) {
    const Rect one = needed_source_rect(graph, {400, 300}, Orientation::kUpright);
    EXPECT_LE(needed.top, one.top);
    EXPECT_LE(needed.left, one.left);
    EXPECT_GE(needed.bottom, one.bottom);
    EXPECT_GE(needed.right, one.right);
  }
}

TEST(SharedExecutor, RefusesTheWrongTensors) {
  const std::vector<PreprocGraph> all = graphs();
  SharedExecutor shared(all);
  Outputs outputs(all);
  outputs.views.pop_back();
  const Size size{8, 8};
  EXPECT_THROW(shared.begin({size, {0, 0, 8, 8}, 1, size}, Orientation::kUpright, outputs.views), Error);
}

}  // namespace
}  // namespace smol
