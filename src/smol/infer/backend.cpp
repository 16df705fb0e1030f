#include "smol/infer/backend.h"

#include <fmt/format.h>

#include "smol/base/error.h"

namespace smol {
namespace {

std::string text_of(const InputSpec& spec) {
  return fmt::format("{} {} {}x{}", name(spec.dtype), name(spec.layout), spec.height, spec.width);
}

}  // namespace

void require_suffix(const SessionOptions& options, const InputSpec& input) {
  const InputSpec made = output_spec(options.suffix, options.slot);
  if (made == input) return;
  throw Error(ErrorCode::kUsage,
              fmt::format("the operations below the cut make {} of {}, the model takes {}: {}", text_of(made),
                          text_of(options.slot), text_of(input), to_text(options.suffix)));
}

std::unique_ptr<Backend> make_backend(std::string_view name) {
  if (name == "openvino") return make_openvino_backend();
  throw Error(ErrorCode::kUsage, fmt::format("no such backend, only openvino: {}", name));
}

}  // namespace smol
