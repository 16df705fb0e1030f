// The operations below the cut, in front of a model of ONNX Runtime.
#pragma once

#include <cstdint>
#include <string>

#include "smol/base/tensor.h"
#include "smol/preproc/graph.h"

namespace Ort {
struct Env;
struct Session;
struct SessionOptions;
}  // namespace Ort

namespace smol {

// A session of the model in `file`, whose only input is `input_name`, that takes `batch` items of `slot` instead.
// The suffix must end in what the model takes. Throws Ort::Exception, or Error(kUsage).
Ort::Session session_with_suffix(const Ort::Env& env, const std::string& file, const Ort::SessionOptions& options,
                                 const std::string& input_name, const PreprocGraph& suffix, const InputSpec& slot,
                                 int64_t batch);

}  // namespace smol
