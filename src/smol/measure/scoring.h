// Predictions of models x formats and labels -> Evaluation: metrics, intervals, differences.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "smol/measure/evaluation.h"
#include "smol/measure/label_table.h"
#include "smol/measure/prediction.h"

namespace smol {

struct ScoredModel {
  std::string name;
  std::filesystem::path path;
  std::string hash;
  std::string preprocessing;        // as text
  std::vector<std::string> labels;  // by class index; empty: none
  int64_t outputs = 0;
};

struct ScoredCell {
  size_t model = 0;
  InputFormat format;
  std::vector<Prediction> predictions;  // by item
};

struct ScoringInput {
  std::vector<std::string> ids;                         // of items, UTF-8
  std::vector<std::string> paths;                       // by item
  const LabelTable* labels = nullptr;                   // null: agreement
  const std::vector<std::string>* label_ids = nullptr;  // ids as the label table has them, by item
  std::optional<size_t> reference_model;                // of agreement; its first full format is what is agreed with
  std::optional<Metric> metric;                         // default: by the number of outputs
  std::string positive = "1";
  std::string engine;
  std::vector<ScoredModel> models;
  std::vector<ScoredCell> cells;  // at least one
};

// Whether labels and metric go with the models, without any cell: what score() throws of them. Not of agreement.
void check_scorable(ScoringInput input);

// Throws Error(kUsage): a label that a model does not have, a metric that does not go with the models.
Evaluation score(ScoringInput input);

}  // namespace smol
