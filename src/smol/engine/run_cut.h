// Where a run cuts the preprocessing (preproc/cut.h), and why.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/engine/input_list.h"
#include "smol/infer/backend.h"
#include "smol/plan/input_format.h"
#include "smol/preproc/cut.h"

namespace smol {

struct CutChoice {
  size_t cpu_ops = 0;
  std::string reason;
};

// `asked` (--cut), if there is one. Else, without measurements: everything on the CPU if the DNN shares its cores,
// because the fused executor normalises and reorders in the pass that writes the slot anyway. In front of a device of
// its own the lowest cut that takes pictures of any size: then a quarter of the bytes crosses. A plan of `smol plan`
// has measured it (paper §6.3). Throws Error(kUsage), naming --cut.
CutChoice choose_cut(const std::optional<size_t>& asked, const PreprocGraph& graph, const Backend& backend);

struct RunCut {
  CutGraph graph;
  std::optional<Size> uniform_input;  // what all inputs must have, upright, where the cut needs it
};

// A cut that needs inputs of one size takes it from the first whose header can be read: the same in every
// continuation. Reads the list from its start. Throws Error(kUsage), naming --cut.
RunCut cut_for_inputs(const PreprocGraph& graph, size_t cpu_ops, InputList& inputs,
                      std::span<const InputFormat> formats, const DecodeLimits& limits);

}  // namespace smol
