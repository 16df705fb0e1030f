#include "mode_comparison.h"

#include <algorithm>
#include <utility>

#include "psnr.h"
#include "smol/base/clock.h"

namespace smol::cli {
namespace {

constexpr int64_t kBudgetNs = 1'000'000'000;
constexpr int kLeastRounds = 2;

DecodeSpec centre_half(Size size) {
  const Rect rect{size.height / 4, size.width / 4, size.height - size.height / 4, size.width - size.width / 4};
  return {.region = rect};
}

DecodeSpec upper_half(Size size) { return {.region = Rect{0, 0, std::max(1, size.height / 2), size.width}}; }

}  // namespace

Result<std::vector<MeasuredMode>> compare_modes(Decoder& decoder, std::span<const std::byte> bytes,
                                                std::span<const DecodeMode> modes, const DecodeLimits& limits) {
  std::vector<DecodeSpec> specs;
  std::vector<MeasuredMode> measured;
  const auto add = [&](const std::string& name, const DecodeSpec& spec) {
    specs.push_back(spec);
    measured.push_back({.name = name, .size = {}, .exact = is_exact(spec)});
  };
  for (const DecodeMode& mode : modes) add(to_string(mode.spec), mode.spec);
  add("centre half", centre_half(modes.front().size));
  add("upper half", upper_half(modes.front().size));

  Image full, decoded;
  const int64_t start = wall_ns();
  for (int round = 0; round < kLeastRounds || wall_ns() - start < kBudgetNs; ++round) {
    for (size_t i = 0; i < specs.size(); ++i) {
      Image& target = i == 0 ? full : decoded;
      const int64_t cpu_start = thread_cpu_ns();
      const Result<DecodedGeometry> geometry = decode_image(decoder, bytes, specs[i], limits, target);
      const double ms = static_cast<double>(thread_cpu_ns() - cpu_start) * 1e-6;
      if (!geometry) return geometry.error();
      measured[i].ms = round == 0 ? ms : std::min(measured[i].ms, ms);
      if (round > 0) continue;
      measured[i].size = geometry->size;
      measured[i].psnr_db =
          psnr_db(mean_squared_error(std::as_const(full).view(), std::as_const(target).view(), *geometry));
    }
  }
  for (MeasuredMode& mode : measured) mode.ratio = mode.ms / std::max(measured.front().ms, 1e-6);
  return measured;
}

}  // namespace smol::cli
