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
  constexpr std::string_view kOnnxRuntime = "onnxruntime";
  if (name == kOnnxRuntime) return make_onnxruntime_backend("");
  if (name.starts_with(kOnnxRuntime) && name.substr(kOnnxRuntime.size()).starts_with(':'))
    return make_onnxruntime_backend(name.substr(kOnnxRuntime.size() + 1));
  throw Error(ErrorCode::kUsage,
              fmt::format("no such backend, only openvino, onnxruntime, onnxruntime:PROVIDER: {}", name));
}

}  // namespace smol
