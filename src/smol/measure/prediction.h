// What a model said about an item, as far as an evaluation needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smol/base/result.h"

namespace smol {

// Enough for top-5; models with fewer outputs keep all.
inline constexpr int kKeptClasses = 5;

struct Prediction {
  std::optional<ItemError> error;  // the item could not be read or the model failed: no classes
  std::vector<int32_t> classes;    // the best outputs, best first, as top_k() orders them
  std::vector<float> values;       // of these, as the model gave them
};

}  // namespace smol
