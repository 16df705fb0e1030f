// Walks the chunks of a PNG and checks their sums.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "smol/media/bytes.h"

namespace smol {

struct PngChunk {
  std::string_view type;  // four letters
  Bytes body;
  bool is_critical() const { return type[0] >= 'A' && type[0] <= 'Z'; }
};

class PngChunks {
 public:
  PngChunks() = default;
  explicit PngChunks(Bytes png);  // stands before the first chunk

  // Nothing: the file ends first, or the checksum (of type and body) is wrong.
  std::optional<PngChunk> next();

 private:
  Bytes rest_;
};

}  // namespace smol
