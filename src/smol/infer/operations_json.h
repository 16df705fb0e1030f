// Preprocessing operations as the JSON of manifests. Schema: docs/manifest.md.
#pragma once

#include "smol/base/json_object.h"
#include "smol/preproc/graph.h"

namespace smol {

// A list of operations. Throws Error(kUsage) that names the place and what is allowed.
PreprocGraph parse_graph(const Json& operations, const std::string& where);

// parse_graph(graph_json(g)) == g for every graph that a manifest can hold. What the optimiser makes of a graph is
// written, too, to be read by people; manifests do not take it back.
Json graph_json(const PreprocGraph& graph);

}  // namespace smol
