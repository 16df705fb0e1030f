// From raw scores to answers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace smol {

// The k best scores, best first; of equal scores the lower class index first, NaN last. Reuses the vectors' memory.
void top_k(std::span<const float> scores, int k, std::vector<int32_t>& classes, std::vector<float>& values);

// In f64 and shifted by the maximum, so that large logits do not overflow.
void softmax_in_place(std::span<float> scores);

}  // namespace smol
