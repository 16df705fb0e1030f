// Several preprocessing chains that share one decode and every common prefix: a tree of operations with one sink for
// each model or crop.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "smol/preproc/graph.h"

namespace smol {

struct NamedGraph {
  std::string name;  // of the model or crop that takes the result
  PreprocGraph graph;
};

struct DagNode {
  PreprocOp op;
  size_t parent = 0;  // the node whose result it takes; kDecodedPicture: what was decoded
};
inline constexpr size_t kDecodedPicture = static_cast<size_t>(-1);

struct DagSink {
  std::string name;
  size_t node = kDecodedPicture;
};

struct PreprocDag {
  std::vector<DagNode> nodes;  // parents come before their children
  std::vector<DagSink> sinks;  // one a chain, in their order
};

// The longest common prefixes become shared nodes.
PreprocDag make_dag(std::span<const NamedGraph> chains);

// The operations from the decoded picture to the sink: what make_dag() was given.
PreprocGraph chain_to(const PreprocDag& dag, size_t sink);

// An indented tree, a line an operation, "-> NAME" at the sinks.
std::string to_text(const PreprocDag& dag);

// A picture of it, left to right; stands alone (no fonts, no scripts, no colours but black and greys).
std::string to_svg(const PreprocDag& dag);

}  // namespace smol
