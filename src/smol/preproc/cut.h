// The cut: the operations of a preprocessing graph above it run on the CPU, those below it as part of the DNN's own
// graph on its device (paper §6.3).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/preproc/graph.h"

namespace smol {

struct CutGraph {
  PreprocGraph prefix;  // on the CPU, from decoded pixels to `slot`
  PreprocGraph suffix;  // in the inference engine, from `slot` to the DNN's input
  InputSpec slot;       // what crosses
  bool operator==(const CutGraph&) const = default;
};

// The cuts that can pay, as numbers of operations on the CPU, most first: everything on the CPU; and wherever u8
// pixels stand directly behind an operation that changes their number (or behind the decoder). Work per value is
// never split: the fused executor does it all in one pass, and behind a conversion four times the bytes would cross.
std::vector<size_t> possible_cuts(const PreprocGraph& graph);

// Of these, those that take pictures of any sizes, most on the CPU first.
std::vector<size_t> cuts_for_any_size(const PreprocGraph& graph);

// True if the pictures at this cut still have the sizes that they came with: then all inputs must have one size.
bool needs_uniform_input(const PreprocGraph& graph, size_t cpu_ops);

// Splits `graph` behind its first `cpu_ops` operations. `uniform_input` is the size that every decoded picture has,
// once upright; a cut that needs it and has none is refused. The prefix of a cut with no operation on the CPU crops
// to that size, which changes nothing. Throws Error(kUsage).
CutGraph cut_graph(const PreprocGraph& graph, size_t cpu_ops, std::optional<Size> uniform_input = {});

// "u8 HWC 224x224, then convert f32 | normalise ... | layout CHW"; "f32 CHW 224x224, all on the CPU".
std::string to_text(const CutGraph& cut);

}  // namespace smol
