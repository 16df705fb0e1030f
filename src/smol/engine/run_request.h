// What `smol run` is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/engine/chunk_encoder.h"
#include "smol/engine/input_list.h"
#include "smol/plan/plan.h"

namespace smol {

struct RunRequest {
  InputOptions inputs;          // its dataset is found by the job
  DatasetRequest dataset;       // renditions: from flags or dataset.toml
  std::optional<Plan> plan;     // what to run; then manifest, preset, preprocessing, decode, output, topk and softmax
                                // are the plan's, and threads, batch and dataset.use, where not said here, too
  std::filesystem::path model;  // empty: the plan's
  std::filesystem::path manifest;  // empty: the one beside the model
  std::string preset;              // imagenet | tf | raw, instead of a manifest
  std::string preprocessing;       // a manifest's JSON list of operations, instead of a manifest
  std::filesystem::path labels;    // empty: the manifest's
  DecodeSpec decode;               // how to read each picture; regions come from `inputs`
  std::filesystem::path out;
  bool overwrite = false;
  RowFormat format = RowFormat::kParquet;
  RowOutput output = RowOutput::kTopK;
  int topk = 5;
  bool softmax = false;
  std::optional<size_t> cpu_ops;  // the cut (preproc/cut.h); nothing: the plan's, or choose_cut()
  int threads = 0;                // producers and streams; 0: as many as cores may be used
  int64_t batch = 0;              // 0: probed, or as the run began
  uint64_t chunk_items = 4096;
  DecodeLimits limits;
  std::filesystem::path cache_directory;  // compiled models; empty: none
};

}  // namespace smol
