#include "smol/engine/sample.h"

#include <algorithm>

#include "smol/base/hash.h"

namespace smol {

// Mixed first, so that neighbouring seeds do not draw from shifted copies of one sequence.
Sample::Sample(uint64_t size, uint64_t seed) : size_(size), state_(mix64(seed)) {}

void Sample::add(std::string_view name) {
  constexpr uint64_t kSplitmix64Step = 0x9E3779B97F4A7C15;
  state_ += kSplitmix64Step;
  const uint64_t draw = mix64(state_);
  const uint64_t position = positions_++;
  if (heap_.size() == size_) {
    if (size_ == 0 || heap_.front().draw <= draw) return;
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
  }
  heap_.push_back({draw, position, std::string(name)});
  std::push_heap(heap_.begin(), heap_.end());
}

std::vector<std::string> Sample::take() {
  std::sort(heap_.begin(), heap_.end(), [](const Entry& a, const Entry& b) { return a.position < b.position; });
  std::vector<std::string> names;
  names.reserve(heap_.size());
  for (Entry& entry : heap_) names.push_back(std::move(entry.name));
  heap_.clear();
  return names;
}

}  // namespace smol
