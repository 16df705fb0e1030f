// `smol eval --parity`.
#include <fmt/format.h>

#include <algorithm>

#include "commands.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"

namespace smol::cli {
namespace {

constexpr size_t kShownFlips = 5;

void print_table(const Parity& parity) {
  fmt::print("{} on {}, decode {}\n  cut: {} ({})\n", parity.model, parity.backend, parity.decode, parity.cut,
             parity.cut_reason);
  fmt::print("against the manifest's graph step by step on full decodes, {} pictures ({} failed):\n", parity.pictures,
             parity.failed);
  fmt::print("  top-1 unchanged   {:.2f} % ({} flips)\n", 100 * (1 - parity.flip_share()), parity.flips.size());
  fmt::print("  output drift      mean {:.2g}, median {:.2g}, 99 % {:.2g}, max {:.2g}\n", parity.drift_mean,
             parity.drift_median, parity.drift_p99, parity.drift_max);
  for (size_t i = 0; i < std::min(kShownFlips, parity.flips.size()); ++i) {
    const ParityFlip& flip = parity.flips[i];
    fmt::print("  flip: {}: class {} -> {}, a margin of {:.2g}\n", flip.id, flip.reference_class, flip.found_class,
               flip.margin);
  }
}

}  // namespace

int parity_command(const EvalArguments& arguments) {
  ParityRequest request;
  request.inputs = arguments.request.inputs;
  request.model = arguments.request.models.front();
  request.decode = arguments.decode;
  request.cpu_ops = arguments.cpu_ops;
  request.limits = arguments.request.limits;
  request.threads = arguments.request.threads;
  request.compiled_models = arguments.request.compiled_models;
  if (arguments.request.models.size() > 1)
    throw Error(ErrorCode::kUsage, "--parity holds one model against its definition: give one --model");
  const auto backend = make_backend(arguments.backend);
  const Parity parity = measure_parity(request, *backend, posix_file_system());
  const std::string json = to_json(parity);
  if (!arguments.out.empty()) write_atomically(posix_file_system(), arguments.out, json + "\n");
  if (arguments.json) {
    fmt::print("{}\n", json);
  } else {
    print_table(parity);
  }
  const bool passes = parity.pictures > 0 && parity.flip_share() <= arguments.max_flips;
  return passes ? 0 : exit_code(ErrorCode::kTooManyFailed);
}

}  // namespace smol::cli
