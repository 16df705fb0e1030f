// Models over items: each file is read and decoded once for all the models that lack its prediction.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/engine/pipeline.h"
#include "smol/measure/model_set.h"
#include "smol/measure/prediction.h"

namespace smol {

// The batch size of every evaluation: a model's last bits depend on it.
inline constexpr int64_t kEvaluationBatch = 8;

struct PredictionSettings {
  DecodeSpec decode;
  DecodeLimits limits;
  int threads = 1;
};

// Items and which of the models want them: wanted[model][position in items].
struct PredictionWork {
  std::vector<Item> items;  // runs of one file are neighbours
  std::vector<const LoadedModel*> models;
  std::vector<std::vector<bool>> wanted;
};

// What a prediction depends on besides the item: model, engine, preprocessing, decoding, limits. Text, one line.
std::string prediction_configuration(const LoadedModel& model, const Backend& backend, const std::string& rendition,
                                     const PredictionSettings& settings);

// Calls `found(model, position, prediction)` once for each wanted pair, from one thread at a time, in any order. Ends
// early, without an error, when `stopped` becomes true. Throws what breaks it; a bad item is a prediction with error.
void predict(const PredictionWork& work, const PredictionSettings& settings, LiveCounters& live,
             const std::atomic<bool>& stopped,
             const std::function<void(size_t model, size_t position, Prediction&&)>& found);

}  // namespace smol
