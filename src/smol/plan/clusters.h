// Items by group, numbered from 0 in order of appearance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace smol {

struct Clusters {
  std::vector<size_t> of_item;
  size_t count = 0;
};

// Empty `groups`: every one of `items` on its own.
inline Clusters number_clusters(std::span<const uint32_t> groups, size_t items) {
  Clusters clusters;
  clusters.of_item.resize(items);
  std::unordered_map<uint32_t, size_t> numbers;
  for (size_t i = 0; i < items; ++i) {
    clusters.of_item[i] = groups.empty() ? i : numbers.try_emplace(groups[i], numbers.size()).first->second;
  }
  clusters.count = groups.empty() ? items : numbers.size();
  return clusters;
}

}  // namespace smol
