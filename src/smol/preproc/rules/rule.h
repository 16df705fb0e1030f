// The optimiser's rules: a name, and a pure function. One file each.
//
// A rewrite turns a graph into every graph that one application of it can make, wherever it applies; results may be
// invalid (normalise before convert): the driver drops those. Whatever a rewrite makes equals the graph that it was
// made of within rounding (docs/preprocessing.md), but for merge-resizes, which acts on what a manifest declares
// mergeable. A prune rule says when one graph beats another.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "smol/preproc/graph.h"

namespace smol {

// What prune rules look at.
struct GraphWork {
  double resized_values = 0;  // pixels times channels that the passes of all resizes compute
  int resize_bytes = 0;       // of one value that is resized; the largest of all resizes
  int passes = 0;             // over the picture: operations
  bool operator==(const GraphWork&) const = default;
};

struct Rule {
  std::string_view name;
  std::string_view says;                                                // one line for people
  std::vector<PreprocGraph> (*rewrite)(const PreprocGraph&) = nullptr;  // or:
  bool (*beats)(const GraphWork& better, const GraphWork& worse) = nullptr;
};

// Rewrites first, then prune rules, in the order in which they are applied.
std::span<const Rule> all_rules();

extern const Rule kMovePointwise;   // paper §6.2, reorder 1
extern const Rule kFusePointwise;   // reorder 2
extern const Rule kSwapResizeCrop;  // reorder 3
extern const Rule kCropInDecoder;   // ours
extern const Rule kMergeResizes;    // ours
extern const Rule kDeadChannels;    // ours
extern const Rule kFewerPixels;     // paper §6.2, prune 1
extern const Rule kSmallerTypes;    // prune 2
extern const Rule kFusionWins;      // prune 3

}  // namespace smol
