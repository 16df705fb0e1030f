// n of N names, N unknown until the end: uniform without replacement, the same on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smol {

// Each name draws a number from splitmix64 by its position; the n smallest stay. Memory: n names.
class Sample {
 public:
  Sample(uint64_t size, uint64_t seed);
  void add(std::string_view name);
  std::vector<std::string> take();  // in the order in which they were added; empties the sample

 private:
  struct Entry {
    uint64_t draw;
    uint64_t position;
    std::string name;
    bool operator<(const Entry& other) const {
      return draw != other.draw ? draw < other.draw : position < other.position;
    }
  };
  uint64_t size_;
  uint64_t state_;
  uint64_t positions_ = 0;
  std::vector<Entry> heap_;  // the largest draw first
};

}  // namespace smol
