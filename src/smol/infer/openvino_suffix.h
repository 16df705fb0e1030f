// The operations below the cut, in front of an OpenVINO model.
#pragma once

#include <cstdint>
#include <memory>

#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace ov {
class Model;
}

namespace smol {

// Makes `model`, whose only input has a static shape of `batch` pictures, take `batch` items of `slot` instead.
// The suffix must end in what the model takes. Throws Error(kUsage).
void put_in_front(ov::Model& model, const PreprocGraph& suffix, const InputSpec& slot, int64_t batch);

}  // namespace smol
