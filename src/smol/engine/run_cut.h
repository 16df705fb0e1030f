// Where a run cuts the preprocessing (preproc/cut.h), and why.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/engine/input_list.h"
#include "smol/infer/backend.h"
#include "smol/preproc/cut.h"

namespace smol {

struct CutChoice {
  size_t cpu_ops = 0;
  std::string reason;
};

// Without measurements: everything on the CPU if the DNN shares its cores, because the fused executor normalises and
// reorders in the pass that writes the slot anyway. In front of a device of its own the lowest cut that takes
// pictures of any size: then a quarter of the bytes crosses. A plan of `smol plan` has measured it (paper §6.3).
CutChoice default_cut(const PreprocGraph& graph, const Backend& backend);

// The size, upright, of the first item whose header can be read; nothing if there is none. Reads the list from its
// start.
std::optional<Size> size_of_first(InputList& inputs, const DecodeLimits& limits);

}  // namespace smol
