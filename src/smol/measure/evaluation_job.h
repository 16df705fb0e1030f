// `smol eval` as a library call: models x input formats over a calibration set.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "smol/engine/input_list.h"
#include "smol/engine/pipeline.h"
#include "smol/infer/backend.h"
#include "smol/measure/evaluation.h"

namespace smol {

struct EvaluationRequest {
  InputOptions inputs;     // its dataset is found by the job
  DatasetRequest dataset;  // renditions: from flags or dataset.toml
  std::vector<std::filesystem::path> models;
  std::vector<InputFormat> formats;       // empty: default_formats()
  std::filesystem::path labels_csv;       // empty: labels.csv in the input folder, if neither of the next two
  bool folder_labels = false;             // the first folder of an id is its label
  std::filesystem::path reference_model;  // agreement with its answers on full decodes instead of labels
  std::optional<Metric> metric;           // default: mae for one output, f1 for two, otherwise top1
  std::string positive = "1";             // f1, precision, recall: the class that is looked for
  DecodeLimits limits;
  int threads = 0;                          // 0: as many as cores may be used
  std::filesystem::path compiled_models;    // cache of the backend; empty: none
  std::filesystem::path prediction_folder;  // below it: predictions/; empty: nothing is kept
};

// Not thread-safe, but for stop() and live(). Throws Error(kUsage) for what the user has to mend.
class EvaluationJob {
 public:
  EvaluationJob(EvaluationRequest request, Backend& backend, FileSystem& files);
  ~EvaluationJob();

  // Loads the models, lists and labels the items, opens what is kept of earlier evaluations.
  void prepare();
  uint64_t predictions() const;        // models x formats x items
  uint64_t known_predictions() const;  // of these, kept from earlier
  uint64_t unlabelled_items() const;   // left out

  // Predicts what is missing and scores. Throws Error(kInterrupted) after stop(): what was predicted is kept.
  Evaluation execute();
  void stop();
  const LiveCounters& live() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smol
