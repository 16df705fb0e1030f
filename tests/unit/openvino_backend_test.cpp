// Proves: what OpenVINO computes over our slots does not depend on batch composition, and the in-graph suffix equals
// preprocessing on the CPU. The models are made by tests/data/make_models.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <random>

#include "smol/base/error.h"
#include "smol/infer/backend.h"

namespace smol {
namespace {

const std::filesystem::path kModels = SMOL_TEST_MODELS;

std::vector<float> noise(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-2, 2);
  std::vector<float> values(count);
  for (float& v : values) v = value(random);
  return values;
}

std::vector<float> infer(Session& session, const InputSpec& slot, const void* bytes, size_t count) {
  AlignedBuffer input = session.allocate_slot();
  std::memcpy(input.data(), bytes, count);
  std::vector<float> output(static_cast<size_t>(session.batch_size() * session.output_elements()));
  std::promise<Status> done;
  session.start({slot.dtype, slot.batch_shape(session.batch_size()), input.data()}, output,
                [&](Status status) { done.set_value(std::move(status)); });
  const Status status = done.get_future().get();
  EXPECT_TRUE(status.ok()) << status.error().message;
  return output;
}

const char* sanitizer_that_refuses_openvino() {
#if defined(__SANITIZE_ADDRESS__)
  return "OpenVINO loads TBB with RTLD_DEEPBIND, which AddressSanitizer refuses";
#elif defined(__SANITIZE_THREAD__)
  return "OpenVINO's TBB is not instrumented: ThreadSanitizer would report races that are none";
#else
  return nullptr;
#endif
}

class OpenVino : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const char* reason = sanitizer_that_refuses_openvino()) GTEST_SKIP() << reason;
  }
};

TEST_F(OpenVino, ReadsTheModelsShapes) {
  const auto backend = make_openvino_backend();
  const auto model = backend->load(kModels / "dynamic.onnx", {});
  EXPECT_EQ(model->input(), (InputSpec{DType::kF32, Layout::kCHW, 16, 16, 3}));
  EXPECT_EQ(model->output_elements(), 5);
  EXPECT_EQ(backend->load(kModels / "nhwc.onnx", {})->input().layout, Layout::kHWC);
  EXPECT_THAT(backend->devices(), ::testing::Contains("CPU"));
}

TEST_F(OpenVino, AnswersDoNotDependOnBatchComposition) {
  const auto backend = make_openvino_backend();
  const auto model = backend->load(kModels / "dynamic.onnx", {});
  SessionOptions options;
  options.batch_size = 8;
  options.streams = 2;
  options.slot = model->input();
  const auto session = model->compile(options);
  const size_t item = static_cast<size_t>(model->input().item_shape().elements());
  const std::vector<float> first = noise(8 * item, 1);
  const std::vector<float> expected = infer(*session, options.slot, first.data(), first.size() * sizeof(float));
  for (size_t place = 0; place < 8; ++place) {  // item 0 among other neighbours
    std::vector<float> other = noise(8 * item, 2 + static_cast<unsigned>(place));
    std::copy_n(first.begin(), item, other.begin() + static_cast<std::ptrdiff_t>(place * item));
    const std::vector<float> got = infer(*session, options.slot, other.data(), other.size() * sizeof(float));
    for (size_t k = 0; k < 5; ++k) EXPECT_EQ(got[place * 5 + k], expected[k]) << place;
  }
}

TEST_F(OpenVino, InGraphSuffixEqualsNormalisingOutside) {
  const auto backend = make_openvino_backend();
  const auto model = backend->load(kModels / "dynamic.onnx", {});
  SessionOptions plain;
  plain.slot = model->input();
  SessionOptions suffix = plain;
  suffix.slot = {DType::kU8, Layout::kHWC, 16, 16, 3};
  const NormaliseOp normalise{1.0f / 255, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};
  suffix.suffix = {{ConvertOp{}, normalise, ReorderLayoutOp{Layout::kCHW}}};
  std::vector<uint8_t> pixels(16 * 16 * 3);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 37);
  std::vector<float> normalised(pixels.size());
  for (size_t y = 0; y < 256; ++y) {
    for (size_t c = 0; c < 3; ++c) {
      normalised[c * 256 + y] =
          (static_cast<float>(pixels[y * 3 + c]) * normalise.scale - normalise.mean[c]) / normalise.std[c];
    }
  }
  const auto expected =
      infer(*model->compile(plain), plain.slot, normalised.data(), normalised.size() * sizeof(float));
  const auto got = infer(*model->compile(suffix), suffix.slot, pixels.data(), pixels.size());
  for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(got[k], expected[k], 1e-4);
}

TEST_F(OpenVino, RefusesASuffixThatDoesNotEndInWhatTheModelTakes) {
  const auto backend = make_openvino_backend();
  const auto model = backend->load(kModels / "dynamic.onnx", {});
  SessionOptions options;
  options.slot = {DType::kU8, Layout::kHWC, 16, 16, 3};
  options.suffix = {{ConvertOp{}}};
  EXPECT_THAT([&] { model->compile(options); },
              ::testing::ThrowsMessage<Error>(::testing::HasSubstr("make f32 HWC 16x16 of u8 HWC 16x16")));
}

TEST_F(OpenVino, AStaticBatchOfOneCanBeReshaped) {
  const auto backend = make_openvino_backend();
  const auto model = backend->load(kModels / "static1.onnx", {});
  SessionOptions options;
  options.batch_size = 3;
  options.slot = model->input();
  EXPECT_EQ(model->compile(options)->batch_size(), 3);
}

TEST_F(OpenVino, ChoosesTheNamedOutput) {
  const auto backend = make_openvino_backend();
  EXPECT_EQ(backend->load(kModels / "two_outputs.onnx", {"", "features", {}})->output_elements(), 8);
}

struct Refusal {
  const char* file;
  ModelOptions options;
  const char* says;
};

class OpenVinoRefusals : public OpenVino, public ::testing::WithParamInterface<Refusal> {};

TEST_P(OpenVinoRefusals, AreOneLineThatNamesTheFile) {
  const auto backend = make_openvino_backend();
  try {
    backend->load(kModels / GetParam().file, GetParam().options);
    FAIL() << "was loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), ::testing::HasSubstr(GetParam().file));
    EXPECT_THAT(error.what(), ::testing::HasSubstr(GetParam().says));
    EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, OpenVinoRefusals,
                         ::testing::Values(Refusal{"missing.onnx", {}, "no such model"},
                                           Refusal{"broken.onnx", {}, "not a model"},
                                           Refusal{"rank2.onnx", {}, "four axes"},
                                           Refusal{"two_inputs.onnx", {}, "2 inputs"},
                                           Refusal{"two_outputs.onnx", {}, "2 outputs"},
                                           Refusal{"dynamic.onnx", {"no_such_input", "", {}}, "no_such_input"}));

}  // namespace
}  // namespace smol
