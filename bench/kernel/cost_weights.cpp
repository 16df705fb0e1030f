// The optimiser's table of weights, measured: nanoseconds of an arithmetic operation and of a moved value, u8 and
// f32, on one core (preproc/graph_cost.h). Prints the table beside the one that is compiled in.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/preproc/graph_cost.h"
#include "smol/preproc/pass_executor.h"

namespace {

using namespace smol;

// Only the weight in question is not 0.
struct Weight {
  const char* name;
  double CostWeights::* member;
};

double best_ns(const PreprocGraph& graph, Size size) {
  std::vector<uint8_t> pixels(static_cast<size_t>(size.pixels()) * 3);
  uint32_t state = 1;
  for (uint8_t& value : pixels) value = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  PassExecutor executor(graph);
  const InputSpec output = output_spec(graph);
  AlignedBuffer row(output.item_bytes());
  double best = 1e18;
  for (int round = 0; round < 30; ++round) {
    executor.run({pixels.data(), size, 3, ptrdiff_t{size.width} * 3}, Orientation::kUpright,
                 {output.dtype, output.item_shape(), row.data()});
    const std::span<const int64_t> times = executor.operation_ns();
    best = std::min(best, static_cast<double>(std::accumulate(times.begin(), times.end(), int64_t{0})));
  }
  return best;
}

// What `with` adds to `without`, divided by what it counts.
double weight(const PreprocGraph& without, const PreprocGraph& with, Size size, double CostWeights::* member) {
  CostWeights only{0, 0, 0, 0, 0};
  only.*member = 1;
  const double counted = graph_cost(with, size, only) - graph_cost(without, size, only);
  return (best_ns(with, size) - best_ns(without, size)) / counted;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  const Size size{375, 500};
  const CenterCropOp all{size};
  const CenterCropOp crop{{320, 448}};
  std::vector<double> u8;
  std::vector<double> f32;
  for (const ResizeFilter filter : {ResizeFilter::kBilinear, ResizeFilter::kBicubic}) {
    for (const int side : {64, 128, 256}) {
      const ResizeOp resize{ResizeRule::kShortSide, side, {}, filter};
      const CenterCropOp window{{side, side}};
      u8.push_back(weight({{window}}, {{resize, window}}, size, &CostWeights::u8_arithmetic));
      f32.push_back(weight({{all, ConvertOp{}, window}}, {{all, ConvertOp{}, resize, window}}, size,
                           &CostWeights::f32_arithmetic));
    }
  }
  const NormaliseOp normalise{0.5f, {1, 2, 3}, {2, 3, 4}};
  const double value =
      weight({{all, ConvertOp{}}}, {{all, ConvertOp{}, normalise}}, size, &CostWeights::f32_pointwise);
  const double u8_move = weight({{all}}, {{all, crop}}, size, &CostWeights::u8_move);
  const double f32_move = weight({{all, ConvertOp{}}}, {{all, ConvertOp{}, crop}}, size, &CostWeights::f32_move);
  const Weight rows[] = {{"u8_arithmetic", &CostWeights::u8_arithmetic},
                         {"f32_arithmetic", &CostWeights::f32_arithmetic},
                         {"f32_pointwise", &CostWeights::f32_pointwise},
                         {"u8_move", &CostWeights::u8_move},
                         {"f32_move", &CostWeights::f32_move}};
  const double measured[] = {median(u8), median(f32), value, u8_move, f32_move};
  fmt::print("{:<16} {:>9} {:>9}  ns\n", "weight", "measured", "in use");
  for (size_t i = 0; i < std::size(rows); ++i) {
    fmt::print("{:<16} {:>9.3f} {:>9.3f}\n", rows[i].name, measured[i], kMeasuredWeights.*rows[i].member);
  }
  fmt::print("u8 resizes:  {:.3f}\nf32 resizes: {:.3f}\n", fmt::join(u8, " "), fmt::join(f32, " "));
  return 0;
}
