// An element of the paper's F: a natively stored rendition and how to decode it.
#pragma once

#include <string>
#include <string_view>

#include "smol/base/decode_spec.h"

namespace smol {

struct InputFormat {
  std::string rendition = "full";  // as dataset.toml names it; "full" of a plain folder
  DecodeSpec decode;
  bool operator==(const InputFormat&) const = default;
};

// "full", "full@1/8", "thumb161", "full@thumbnail". Regions are not part of it.
std::string to_string(const InputFormat& format);
// Throws Error(kUsage): no rendition, or not a way to decode.
InputFormat parse_input_format(std::string_view text);

}  // namespace smol
