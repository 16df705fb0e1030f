// Every graph that the optimiser makes equals the graph as declared, and so does what the fused executor makes of the
// chosen one.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "preproc_random_graph.h"
#include "smol/base/half.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/pass_executor.h"

namespace smol {
namespace {

std::vector<float> values_of(const InputSpec& spec, const std::vector<std::byte>& bytes) {
  const TensorView tensor{spec.dtype, spec.item_shape(), const_cast<std::byte*>(bytes.data())};
  std::vector<float> values(static_cast<size_t>(tensor.shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = spec.dtype == DType::kU8    ? tensor.u8()[i]
                : spec.dtype == DType::kF16 ? float_from_half(tensor.f16()[i])
                                            : tensor.f32()[i];
  }
  return values;
}

template <typename Executor>
std::vector<float> run(Executor executor, ConstImageView rgb) {
  const InputSpec spec = executor.output();
  std::vector<std::byte> bytes(spec.item_bytes());
  executor.run(rgb, Orientation::kUpright, {spec.dtype, spec.item_shape(), bytes.data()});
  return values_of(spec, bytes);
}

// How many levels of 255 one unit of the output is.
double levels_per_unit(const PreprocGraph& graph) {
  double scale = 1;
  for (const PreprocOp& op : graph.ops) {
    if (const auto* factor = std::get_if<ScaleOp>(&op)) scale *= factor->factor;
    if (const auto* normalise = std::get_if<NormaliseOp>(&op)) scale *= normalise->scale;  // std is at least 1
  }
  return 1 / scale;
}

struct Difference {
  double mean = 0;
  double worst = 0;
};
Difference difference(const std::vector<float>& a, const std::vector<float>& b, double levels) {
  Difference result;
  for (size_t i = 0; i < a.size(); ++i) {
    const double each = std::abs(static_cast<double>(a[i]) - b[i]) * levels;
    result.mean += each / static_cast<double>(a.size());
    result.worst = std::max(result.worst, each);
  }
  return result;
}

Size random_picture_size() {
  const auto side = [] { return *rc::gen::oneOf(rc::gen::inRange(1, 5), rc::gen::inRange(1, 120)); };
  const int height = side();
  return {height, side()};
}

// In exact arithmetic a rule changes nothing at all.
RC_GTEST_PROP(Optimiser, EveryRuleKeepsTheReferencesResult, ()) {
  const PreprocGraph declared = random_graph();
  const RandomPicture picture(random_picture_size(), *rc::gen::inRange(0, 7), *rc::gen::arbitrary<uint32_t>());
  const bool is_f32 = output_spec(declared).dtype == DType::kF32;
  OptimiserOptions options;
  options.most_graphs = 60;
  uint64_t checked = 0;
  options.check = [&](std::string_view rule, const PreprocGraph& before, const PreprocGraph& after) {
    if (++checked > 40) return;
    const Difference got = difference(run(ReferenceExecutor(before), picture.view()),
                                      run(ReferenceExecutor(after), picture.view()), levels_per_unit(declared));
    if (got.worst > (is_f32 ? 0.01 : 1)) {  // u8: a half may round the other way
      RC_FAIL(std::string(rule) + ": " + to_text(before) + "  ->  " + to_text(after));
    }
  };
  optimise(declared, {}, options);
}

RC_GTEST_PROP(Optimiser, TheChosenGraphRunsFusedAsTheReferenceSays, ()) {
  const PreprocGraph declared = random_graph();
  OptimiserOptions options;
  options.most_graphs = 300;
  const OptimisedGraphs optimised = optimise(declared, {}, options);
  RC_PRE(optimised.fusable);
  RC_ASSERT(output_spec(optimised.best()) == output_spec(declared));
  const RandomPicture picture(random_picture_size(), *rc::gen::inRange(0, 7), *rc::gen::arbitrary<uint32_t>());
  const Difference got = difference(run(FusedExecutor(optimised.best()), picture.view()),
                                    run(ReferenceExecutor(declared), picture.view()), levels_per_unit(declared));
  if (got.mean > 1.0 || got.worst > 2.0) RC_FAIL(to_text(declared) + "  ->  " + to_text(optimised.best()));
}

// What `smol explain graph --measure` times does what the graph says.
TEST(PassExecutor, MakesWhatTheReferenceMakes) {
  int compared = 0;
  const bool holds = rc::check([&] {
    const PreprocGraph graph = random_graph();
    OptimiserOptions options;
    options.most_graphs = 40;
    options.disabled = {"move-pointwise"};
    const RandomPicture picture(random_picture_size(), 0, *rc::gen::arbitrary<uint32_t>());
    const OptimisedGraphs optimised = optimise(graph, {}, options);
    const size_t chosen = *rc::gen::inRange<size_t>(0, optimised.alternatives.size());
    const PreprocGraph& alternative = optimised.alternatives[chosen].graph;
    PassExecutor executor(alternative);
    const InputSpec spec = output_spec(alternative);
    std::vector<std::byte> out(spec.item_bytes());
    // Not everything has a pass.
    if (!executor.run(picture.view(), Orientation::kUpright, {spec.dtype, spec.item_shape(), out.data()})) return;
    ++compared;
    const Difference got =
        difference(values_of(spec, out), run(ReferenceExecutor(alternative), picture.view()), levels_per_unit(graph));
    if (got.mean > 1.0 || got.worst > 2.0) RC_FAIL(to_text(alternative));
  });
  EXPECT_TRUE(holds);
  EXPECT_GE(compared, 15);
}

// Few, but large: 12 megapixels, and pictures a thousand times longer than wide.
TEST(Optimiser, LargePicturesRunFusedAsTheReferenceSays) {
  PreprocGraph late = preset_graph("imagenet", {64, 64});
  PreprocGraph early = late;  // conversion and normalisation in front of everything, as torchvision v2 on tensors
  std::rotate(early.ops.begin(), early.ops.begin() + 2, early.ops.begin() + 4);
  for (const PreprocGraph& declared : {late, early}) {
    const OptimisedGraphs optimised = optimise(declared);
    ASSERT_TRUE(optimised.fusable);
    for (const Size size : {Size{3000, 4000}, Size{4000, 5}}) {
      const RandomPicture picture(size, 5, 9);
      const Difference got = difference(run(FusedExecutor(optimised.best()), picture.view()),
                                        run(ReferenceExecutor(declared), picture.view()), 255 * 0.229);
      EXPECT_LE(got.mean, 1.0) << to_text(declared);
      EXPECT_LE(got.worst, 2.0) << to_text(declared);
    }
  }
}

}  // namespace
}  // namespace smol
