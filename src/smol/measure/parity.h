// The parity certificate: how far what a run computes is from the definition of its preprocessing, on the user's own
// pictures (`smol eval --parity`).
//
// The definition: full decode; the graph as the manifest writes it, the ReferenceExecutor operation by operation,
// rounded to u8 behind each (and between the passes of a resize), as Pillow's pictures are until the graph converts
// them; the model as its file has it, a batch of one. What is held against it: the pipeline of `smol run` with its
// way of decoding, its fused executor, its cut and its batches, on the same backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "smol/engine/input_list.h"
#include "smol/infer/backend.h"

namespace smol {

struct ParityRequest {
  InputOptions inputs;  // pictures; frames of videos are refused
  std::filesystem::path model;
  DecodeSpec decode;
  std::optional<size_t> cpu_ops;  // the cut; nothing: choose_cut()
  DecodeLimits limits;
  int threads = 0;  // 0: as many as cores may be used
  std::filesystem::path compiled_models;
};

struct ParityFlip {  // a picture whose best class is another
  std::string id;
  int64_t reference_class = 0;
  int64_t found_class = 0;
  double margin = 0;  // of the reference's best output over its second
};

struct Parity {
  std::string model;
  std::string backend;
  std::string decode;
  std::string cut;
  std::string cut_reason;
  uint64_t pictures = 0;  // compared
  uint64_t failed = 0;    // could not be read on one side or both
  // Drift of a picture: the largest absolute difference among its outputs.
  double drift_mean = 0;
  double drift_median = 0;
  double drift_p99 = 0;
  double drift_max = 0;
  std::vector<ParityFlip> flips;  // in item order
  double flip_share() const {
    return pictures > 0 ? static_cast<double>(flips.size()) / static_cast<double>(pictures) : 0;
  }
};

// Throws Error(kUsage) for what the user has to mend.
Parity measure_parity(const ParityRequest& request, Backend& backend, FileSystem& files);

std::string to_json(const Parity& parity);

}  // namespace smol
