// Decoded pixels to DNN input, one core. bench/kernel/run.py puts it beside Pillow and numpy.
//
//   build/release/preproc_bench --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include "smol/base/simd_targets.h"
// Before Highway.
#include <benchmark/benchmark.h>
#include <hwy/targets.h>

#include <algorithm>
#include <string>
#include <vector>

#include "smol/preproc/executor.h"

namespace {

using namespace smol;

std::vector<uint8_t> noise(Size size) {
  std::vector<uint8_t> pixels(static_cast<size_t>(size.pixels()) * 3);
  uint32_t state = 1;
  for (uint8_t& pixel : pixels) {
    state = state * 1664525 + 1013904223;
    pixel = static_cast<uint8_t>(state >> 24);
  }
  return pixels;
}

PreprocGraph imagenet(int side, ResizeFilter filter) {
  PreprocGraph graph = preset_graph("imagenet", {side, side});
  std::get<ResizeOp>(graph.ops[0]).filter = filter;
  return graph;
}

PreprocGraph u8_hwc(int side) {
  ResizeOp resize;
  resize.short_side = side * 8 / 7;
  return {{resize, CenterCropOp{{side, side}}}};
}

// Strips of 16 rows, as a JPEG decoder delivers them.
void run_oriented(benchmark::State& state, const PreprocGraph& graph, Size size, Orientation orientation) {
  const std::vector<uint8_t> pixels = noise(size);
  FusedExecutor executor(graph);
  std::vector<std::byte> tensor(executor.output().item_bytes());
  const TensorView out{executor.output().dtype, executor.output().item_shape(), tensor.data()};
  const ptrdiff_t stride = ptrdiff_t{size.width} * 3;
  for (auto _ : state) {
    executor.begin({size, {0, 0, size.height, size.width}, 1, size}, orientation, out);
    for (int row = 0; row < size.height; row += 16) {
      const int rows = std::min(16, size.height - row);
      if (executor.push({row, {pixels.data() + row * stride, {rows, size.width}, 3, stride}})) break;
    }
    executor.finish();
    benchmark::ClobberMemory();
  }
}

void run(benchmark::State& state, const PreprocGraph& graph, Size size) {
  run_oriented(state, graph, size, Orientation::kUpright);
}

void run_turned(benchmark::State& state, const PreprocGraph& graph, Size size) {
  run_oriented(state, graph, size, Orientation::kRotate90Clockwise);
}

// Two sizes in turn: the weight tables are computed anew for every picture.
void run_alternating(benchmark::State& state, const PreprocGraph& graph) {
  const std::vector<uint8_t> pixels = noise({500, 500});
  FusedExecutor executor(graph);
  std::vector<std::byte> tensor(executor.output().item_bytes());
  const TensorView out{executor.output().dtype, executor.output().item_shape(), tensor.data()};
  int shorter = 0;
  for (auto _ : state) {
    shorter ^= 1;
    executor.run({pixels.data(), {375 - shorter, 500 - shorter}, 3, 1500}, Orientation::kUpright, out);
    benchmark::ClobberMemory();
  }
}

const Size kSmall{375, 500};
const Size kPhoto{3000, 4000};

BENCHMARK_CAPTURE(run, 500x375_to_224_f32_chw_bilinear, imagenet(224, ResizeFilter::kBilinear), kSmall);
BENCHMARK_CAPTURE(run, 500x375_to_224_f32_chw_bicubic, imagenet(224, ResizeFilter::kBicubic), kSmall);
BENCHMARK_CAPTURE(run, 500x375_to_224_u8_hwc_bilinear, u8_hwc(224), kSmall);
BENCHMARK_CAPTURE(run, 500x375_to_64_f32_chw_bilinear, imagenet(64, ResizeFilter::kBilinear), kSmall);
BENCHMARK_CAPTURE(run, 4000x3000_to_224_f32_chw_bilinear, imagenet(224, ResizeFilter::kBilinear), kPhoto);
BENCHMARK_CAPTURE(run, 4000x3000_to_224_f32_chw_bicubic, imagenet(224, ResizeFilter::kBicubic), kPhoto);
BENCHMARK_CAPTURE(run_turned, 500x375_turned_to_224_f32_chw, imagenet(224, ResizeFilter::kBilinear), kSmall);
BENCHMARK_CAPTURE(run_turned, 4000x3000_turned_to_224_f32_chw, imagenet(224, ResizeFilter::kBilinear), kPhoto);
BENCHMARK_CAPTURE(run_alternating, 500x375_changing_to_224_f32_chw, imagenet(224, ResizeFilter::kBilinear));

// What each SIMD target gives: the one-binary-for-all-CPUs promise, and where older CPUs stand.
const bool kTargetsRegistered = [] {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    for (const int side : {224, 64}) {
      const std::string name = "run_target/500x375_to_" + std::to_string(side) + "/" + hwy::TargetName(target);
      benchmark::RegisterBenchmark(name.c_str(), [target, side](benchmark::State& state) {
        hwy::SetSupportedTargetsForTest(target);
        run(state, imagenet(side, ResizeFilter::kBilinear), kSmall);
        hwy::SetSupportedTargetsForTest(0);
      });
    }
  }
  return true;
}();

}  // namespace
