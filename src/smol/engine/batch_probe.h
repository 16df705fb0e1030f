// Which batch size a model likes on this machine: a few tenths of a second of measuring at the start of a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "smol/infer/backend.h"

namespace smol {

struct ProbedSession {
  std::unique_ptr<Session> session;
  std::string reason;  // "probed: batch 1: 61, 8: 63, 32: 60 items/s"
};

// Compiles and times the candidates 1, 8 and 32 on zeros, and keeps the smallest one within 3 % of the best: a
// smaller batch needs less memory and pads less. `options.batch_size` is ignored.
ProbedSession probe_batch_size(Model& model, SessionOptions options);

// Items per second of a session fed with zeros, all requests busy, for about `seconds`.
double measure_items_per_s(Session& session, const InputSpec& slot, double seconds);

}  // namespace smol
