// The optimiser of preprocessing graphs (paper §6.2): every graph that the rewrite rules reach, pruned, costed, and
// the cheapest one that the fused executor runs. Pure, a millisecond or so; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "smol/preproc/graph.h"
#include "smol/preproc/graph_cost.h"

namespace smol {

struct GraphContext {
  Size source{375, 500};  // of a typical picture, upright: costs are those of this size
};

struct OptimiserOptions {
  std::vector<std::string> disabled;  // names of rules
  CostWeights weights = kMeasuredWeights;
  size_t most_graphs = 2'000;  // more are not generated; OptimisedGraphs::complete says so
  // For tests: called after each application of a rewrite rule.
  std::function<void(std::string_view rule, const PreprocGraph& before, const PreprocGraph& after)> check;
};

struct Alternative {
  PreprocGraph graph;
  double cost = 0;
  std::string_view made_by;  // the rewrite rule that first made it; empty: as declared
  size_t made_from = 0;      // the alternative that it was made from
  // The prune rule that removed it; "cost" if another is cheaper; "executor" if the fused executor does not run it;
  // empty: the chosen one.
  std::string_view removed_by;
  size_t beaten_by = 0;  // an alternative, if removed by a prune rule or by cost
};

struct RuleUse {
  std::string_view name;
  bool enabled = true;
  uint64_t applications =
      0;  // of a rewrite: graphs that it made, known ones too; of a prune rule: graphs that it removed
  double seconds = 0;
};

struct OptimisedGraphs {
  std::vector<Alternative> alternatives;  // [0] is the graph as declared
  size_t chosen = 0;
  bool complete = true;
  bool fusable = true;  // false: the fused executor runs none of them, and `chosen` is the graph as declared
  std::vector<RuleUse> rules;
  const PreprocGraph& best() const { return alternatives[chosen].graph; }
};

// Throws Error(kUsage) if the graph is invalid or a disabled rule does not exist.
OptimisedGraphs optimise(const PreprocGraph& graph, const GraphContext& context = {},
                         const OptimiserOptions& options = {});

}  // namespace smol
