#include "smol/plan/input_format.h"

#include "smol/base/error.h"

namespace smol {

std::string to_string(const InputFormat& format) {
  const std::string decode = to_string(format.decode);
  return decode == "full" ? format.rendition : format.rendition + "@" + decode;
}

InputFormat parse_input_format(std::string_view text) {
  const size_t at = text.find('@');
  InputFormat format;
  format.rendition = std::string(text.substr(0, at));
  if (format.rendition.empty()) {
    throw Error(ErrorCode::kUsage,
                "an input format is RENDITION or RENDITION@HOW, as in full@1/8: " + std::string(text));
  }
  if (at != std::string_view::npos) format.decode = parse_decode_spec(text.substr(at + 1));
  return format;
}

}  // namespace smol
