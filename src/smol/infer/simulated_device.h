// A stand-in for an accelerator: takes time, uses no CPU (paper eq. 4 can be proven without a GPU).
#pragma once

#include <cstdint>
#include <memory>

#include "smol/infer/backend.h"

namespace smol {

struct SimulatedDeviceOptions {
  InputSpec input;  // what its model takes
  int64_t output_elements = 10;
  double seconds_per_item = 0;  // service time on the device
  double copy_bytes_per_s = 0;  // host to device; 0: free
  int64_t fail_every = 0;       // every n-th batch completes with kInferenceFailed; 0: never
};

// Answers are a pure function of each item's input bytes: output[k] = a hash of the bytes and k, in [0, 1). So rows
// can be compared between runs. load() accepts any path without reading it.
std::unique_ptr<Backend> make_simulated_device(const SimulatedDeviceOptions& options);

}  // namespace smol
