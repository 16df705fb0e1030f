// A crop goes in front of the resize before it (paper §6.2). Cropping first and resizing then would move the sampling
// grid and cut the filter off at the crop's edge; so the pair becomes one operation that carries the grid of the
// whole picture (a fractional source box), and reads the crop's source rectangle and the filter's support around it.
//
// The other way round, a crop that a graph has in front of a resize stays there: its edge is where the filter ends.
#include <utility>

#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  std::vector<PreprocGraph> results;
  for (size_t i = 0; i + 1 < graph.ops.size(); ++i) {
    const auto* resize = std::get_if<ResizeOp>(&graph.ops[i]);
    if (resize == nullptr) continue;
    CroppedResizeOp both{*resize, CenterCropOp{}};
    if (const auto* centred = std::get_if<CenterCropOp>(&graph.ops[i + 1])) {
      both.crop = *centred;
    } else if (const auto* crop = std::get_if<CropOp>(&graph.ops[i + 1])) {
      both.crop = *crop;
    } else {
      continue;
    }
    PreprocGraph result = graph;
    result.ops[i] = both;
    result.ops.erase(result.ops.begin() + static_cast<ptrdiff_t>(i) + 1);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

const Rule kSwapResizeCrop{"swap-resize-crop", "a crop goes before the resize, with source grid and filter support",
                           rewrite};

}  // namespace smol
