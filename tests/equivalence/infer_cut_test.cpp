// Proves: wherever a graph is cut, the operations below the cut in the model's own graph give what the
// ReferenceExecutor gives for the whole graph. The "model" only flattens its input, so values are compared one by
// one.
//
// Tolerance, before normalisation: 1/255 in the mean and 2/255 at worst, of which the rounding of the pixels that
// cross takes 1/2 and, where a resize stands below, another for each resize above.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "infer_once.h"
#include "smol/base/image.h"
#include "smol/preproc/cut.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/optimiser.h"

namespace smol {
namespace {

const std::filesystem::path kModels = SMOL_TEST_MODELS;
constexpr int kSide = 16;
constexpr double kMeanTolerance = 1.0;
constexpr double kWorstTolerance = 2.0;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int from_to(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool coin() { return from_to(0, 1) == 1; }
  float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(engine_); }

 private:
  std::mt19937 engine_;
};

// Rows lie a few bytes further apart than they are long.
struct Picture {
  Size size;
  ptrdiff_t stride;
  std::vector<uint8_t> bytes;
  ConstImageView view() const { return {bytes.data(), size, 3, stride}; }
};

// Smooth enough to be a picture, rough enough to show a shift by half a pixel.
Picture picture(Size size, Random& random) {
  Picture made{size, ptrdiff_t{size.width} * 3 + random.from_to(0, 7), {}};
  made.bytes.resize(static_cast<size_t>(made.stride * size.height));
  const float fy = random.real(0.01f, 0.8f);
  const float fx = random.real(0.01f, 0.8f);
  for (int y = 0; y < size.height; ++y) {
    uint8_t* row = made.bytes.data() + y * made.stride;
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const float wave =
            std::sin(fy * static_cast<float>(y) + static_cast<float>(c)) * std::cos(fx * static_cast<float>(x));
        row[x * 3 + c] = static_cast<uint8_t>(
            std::clamp(127.0f + 100.0f * wave + static_cast<float>(random.from_to(-27, 27)), 0.0f, 255.0f));
      }
    }
  }
  return made;
}

// A graph that ends in f32 of kSide x kSide, with the operations in any order that is allowed.
PreprocGraph random_graph(Random& random) {
  PreprocGraph graph;
  const auto filter = random.coin() ? ResizeFilter::kBilinear : ResizeFilter::kBicubic;
  const bool antialias = random.from_to(0, 3) > 0;
  const auto maybe_reorder = [&] {
    if (random.from_to(0, 3) == 0)
      graph.ops.push_back(ReorderChannelsOp{random.coin() ? ChannelOrder::kBgr : ChannelOrder::kRgb});
  };
  maybe_reorder();
  if (random.from_to(0, 4) == 0) graph.ops.push_back(CenterCropOp{{random.from_to(10, 60), random.from_to(10, 60)}});
  if (random.coin()) {
    graph.ops.push_back(ResizeOp{ResizeRule::kShortSide, random.from_to(12, 24), {}, filter, antialias});
    maybe_reorder();
    graph.ops.push_back(CenterCropOp{{kSide, kSide}});
  } else {
    const Size size{random.from_to(6, kSide), random.from_to(6, kSide)};
    graph.ops.push_back(ResizeOp{ResizeRule::kExact, 0, size, filter, antialias});
    graph.ops.push_back(PadOp{{kSide, kSide}, static_cast<uint8_t>(random.from_to(0, 255)), random.coin()});
  }
  maybe_reorder();
  if (random.from_to(0, 3) == 0) graph.ops.push_back(FlipOp{true, random.coin()});
  if (random.from_to(0, 3) == 0) {  // partly outside; back to kSide
    const int top = random.from_to(-3, 8);
    const int left = random.from_to(-3, 8);
    graph.ops.push_back(CropOp{{top, left, top + random.from_to(1, kSide), left + random.from_to(1, kSide)}});
    graph.ops.push_back(CenterCropOp{{kSide, kSide}});
  }
  const bool grey = random.from_to(0, 4) == 0;
  const auto maybe_grey = [&](bool now) {
    if (grey && now) graph.ops.push_back(ReorderChannelsOp{ChannelOrder::kGrey, 3});
  };
  const bool grey_of_u8 = random.coin();
  maybe_grey(grey_of_u8);
  graph.ops.push_back(ConvertOp{});
  if (!grey) maybe_reorder();
  if (random.from_to(0, 3) == 0) graph.ops.push_back(ScaleOp{0.5f});
  maybe_grey(!grey_of_u8);
  if (random.coin()) {
    NormaliseOp normalise{random.coin() ? 1.0f : 1.0f / 255, {}, {}};
    for (size_t c = 0; c < 3; ++c) {
      normalise.mean[c] = random.coin() ? 0.0f : random.real(-3, 130);
      normalise.std[c] = random.coin() ? 1.0f : random.real(0.2f, 130);
    }
    graph.ops.push_back(normalise);
  }
  if (random.coin()) graph.ops.push_back(ReorderLayoutOp{Layout::kCHW});
  return graph;
}

// The largest step of one u8 level in the output: differences are counted in such levels.
float level_of(const PreprocGraph& graph) {
  float level = 1;
  for (const PreprocOp& op : graph.ops) {
    if (const auto* scale = std::get_if<ScaleOp>(&op)) level *= scale->factor;
    if (const auto* normalise = std::get_if<NormaliseOp>(&op)) {
      level *= normalise->scale / *std::min_element(normalise->std.begin(), normalise->std.end());
    }
  }
  return level;
}

std::vector<float> reference(const PreprocGraph& graph, const Picture& image) {
  const ReferenceExecutor executor(graph);
  std::vector<float> out(static_cast<size_t>(executor.output().item_shape().elements()));
  executor.run(image.view(), Orientation::kUpright,
               {DType::kF32, executor.output().item_shape(), reinterpret_cast<std::byte*>(out.data())});
  return out;
}

// As runs do it: optimised and fused, unless the operations stand in an order that has no fused form.
std::vector<std::byte> above_the_cut(const CutGraph& cut, const Picture& image) {
  std::vector<std::byte> out(cut.slot.item_bytes());
  const TensorView tensor{cut.slot.dtype, cut.slot.item_shape(), out.data()};
  const OptimisedGraphs optimised = optimise(cut.prefix);
  if (optimised.fusable) {
    FusedExecutor(optimised.best()).run(image.view(), Orientation::kUpright, tensor);
  } else {
    ReferenceExecutor(cut.prefix).run(image.view(), Orientation::kUpright, tensor);
  }
  return out;
}

// How many values are more than a hundredth of a u8 level apart.
size_t differing(const std::vector<float>& a, const std::vector<float>& b, float level) {
  size_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += std::abs(a[i] - b[i]) > level / 100;
  return count;
}

// The reference does not round there, neither do the operations below a cut; the fused executor always does.
bool makes_grey_of_f32(const PreprocGraph& graph) {
  bool is_f32 = false;
  for (const PreprocOp& op : graph.ops) {
    is_f32 |= std::holds_alternative<ConvertOp>(op);
    const auto* reorder = std::get_if<ReorderChannelsOp>(&op);
    if (is_f32 && reorder != nullptr && reorder->order == ChannelOrder::kGrey) return true;
  }
  return false;
}

class Cuts : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const char* reason = test::why_backend_cannot_run(GetParam())) GTEST_SKIP() << reason;
  }
};

TEST_P(Cuts, GiveWhatTheReferenceGives) {
  const auto backend = make_backend(GetParam());
  const auto chw = backend->load(kModels / "flatten_chw.onnx", {});
  const auto hwc = backend->load(kModels / "flatten_hwc.onnx", {});
  Random random(20261126);
  // OpenVINO compiles for a tenth of a second, ONNX Runtime for a few milliseconds.
  const int rounds = std::string_view(GetParam()) == "openvino" ? 15 : 100;
  const std::vector<Size> large = {{3000, 4000}, {4000, 5}, {7, 3000}};
  int compared = 0;
  for (int round = 0; round < rounds; ++round) {
    const PreprocGraph graph = random_graph(random);
    const auto left = static_cast<size_t>(rounds - 1 - round);
    const Size size = left < large.size() ? large[left] : Size{random.from_to(1, 70), random.from_to(1, 70)};
    const Picture image = picture(size, random);
    const std::vector<float> expected = reference(graph, image);
    std::vector<float> on_the_cpu;
    for (const size_t cpu_ops : possible_cuts(graph)) {
      const CutGraph cut = cut_graph(graph, cpu_ops, size);
      SessionOptions options;
      options.slot = cut.slot;
      options.suffix = cut.suffix;
      Model& model = output_spec(graph).layout == Layout::kCHW ? *chw : *hwc;
      const std::vector<float> got = test::infer_once(*model.compile(options), cut.slot, above_the_cut(cut, image));
      double sum = 0;
      double worst = 0;
      for (size_t i = 0; i < expected.size(); ++i) {
        const double difference = std::abs(double{got[i]} - double{expected[i]}) / level_of(graph);
        sum += difference;
        worst = std::max(worst, difference);
      }
      const std::string what = to_text(cut) + "; whole: " + to_text(graph) + "; picture " +
                               std::to_string(size.height) + "x" + std::to_string(size.width);
      EXPECT_LE(sum / static_cast<double>(expected.size()), kMeanTolerance) << what;
      EXPECT_LE(worst, kWorstTolerance) << what;
      // Rounded at the same places: only sums that are a half, or next to it, may come out one level apart.
      if (cpu_ops == graph.ops.size()) on_the_cpu = got;
      if (!makes_grey_of_f32(graph)) {
        EXPECT_LE(differing(got, on_the_cpu, level_of(graph)), got.size() / 10) << what;
      }
      ++compared;
    }
  }
  EXPECT_GE(compared, 2 * rounds);
}

INSTANTIATE_TEST_SUITE_P(Backends, Cuts, ::testing::Values("openvino", "onnxruntime"));

}  // namespace
}  // namespace smol
