// Of two resizes in a row, the second of them declared mergeable, only the second is done. Not exact: the manifest
// says that the model does not mind.
#include <utility>

#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

std::vector<PreprocGraph> rewrite(const PreprocGraph& graph) {
  std::vector<PreprocGraph> results;
  for (size_t i = 0; i + 1 < graph.ops.size(); ++i) {
    const auto* first = std::get_if<ResizeOp>(&graph.ops[i]);
    const auto* second = std::get_if<ResizeOp>(&graph.ops[i + 1]);
    if (first == nullptr || second == nullptr || !second->mergeable) continue;
    // Sides that follow the picture's keep its proportions only if nothing distorted them before.
    if (first->rule == ResizeRule::kExact && second->rule != ResizeRule::kExact) continue;
    PreprocGraph result = graph;
    ResizeOp merged = *second;
    merged.mergeable = first->mergeable;
    result.ops[i] = merged;
    result.ops.erase(result.ops.begin() + static_cast<ptrdiff_t>(i) + 1);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

const Rule kMergeResizes{"merge-resizes", "resizes that the manifest declares mergeable become one", rewrite};

}  // namespace smol
