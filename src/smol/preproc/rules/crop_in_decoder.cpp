// A resize that needs a part of the source only, first in the graph, asks the decoder for that part (paper §6.4).
#include <utility>

#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  if (graph.ops.empty()) return {};
  const auto* first = std::get_if<CroppedResizeOp>(&graph.ops.front());
  if (first == nullptr || first->in_decoder) return {};
  PreprocGraph result = graph;
  std::get<CroppedResizeOp>(result.ops.front()).in_decoder = true;
  return {std::move(result)};
}

}  // namespace

const Rule kCropInDecoder{"crop-in-decoder", "the crop moves into the decoder as a region of interest", rewrite};

}  // namespace smol
