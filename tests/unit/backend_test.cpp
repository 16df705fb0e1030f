// Proves, for each backend: what it computes over our slots does not depend on batch composition, the in-graph suffix
// equals preprocessing on the CPU, and both backends answer alike. The models are made by tests/data/make_models.py.
#include "smol/infer/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "infer_once.h"
#include "smol/base/error.h"

namespace smol {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::filesystem::path kModels = SMOL_TEST_MODELS;
const NormaliseOp kNormalise{1.0f / 255, {0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};

std::vector<float> noise(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> value(-2, 2);
  std::vector<float> values(count);
  for (float& v : values) v = value(random);
  return values;
}

std::vector<uint8_t> pixels() {
  std::vector<uint8_t> values(16 * 16 * 3);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint8_t>(i * 37);
  return values;
}

std::vector<float> infer(Session& session, const InputSpec& slot, const auto& values) {
  return test::infer_once(session, slot, std::as_bytes(std::span(values)));
}

class Backends : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const char* reason = test::why_backend_cannot_run(GetParam())) GTEST_SKIP() << reason;
    backend_ = make_backend(GetParam());
  }
  std::unique_ptr<Model> load(const char* file, const ModelOptions& options = {}) {
    return backend_->load(kModels / file, options);
  }
  std::unique_ptr<Backend> backend_;
};

TEST_P(Backends, ReadTheModelsShapes) {
  const auto model = load("dynamic.onnx");
  EXPECT_EQ(model->input(), (InputSpec{DType::kF32, Layout::kCHW, 16, 16, 3}));
  EXPECT_EQ(model->output_elements(), 5);
  EXPECT_EQ(load("nhwc.onnx")->input().layout, Layout::kHWC);
}

TEST_P(Backends, HaveAName) {
  EXPECT_EQ(backend_->name(), GetParam());
  EXPECT_THAT(backend_->version(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_FALSE(backend_->devices().empty());
}

TEST_P(Backends, AnswersDoNotDependOnBatchComposition) {
  const auto model = load("dynamic.onnx");
  SessionOptions options;
  options.batch_size = 8;
  options.streams = 2;
  options.slot = model->input();
  const auto session = model->compile(options);
  const size_t item = static_cast<size_t>(model->input().item_shape().elements());
  const std::vector<float> first = noise(8 * item, 1);
  const std::vector<float> expected = infer(*session, options.slot, first);
  for (size_t place = 0; place < 8; ++place) {  // item 0 among other neighbours
    std::vector<float> other = noise(8 * item, 2 + static_cast<unsigned>(place));
    std::copy_n(first.begin(), item, other.begin() + static_cast<std::ptrdiff_t>(place * item));
    const std::vector<float> got = infer(*session, options.slot, other);
    for (size_t k = 0; k < 5; ++k) EXPECT_EQ(got[place * 5 + k], expected[k]) << place;
  }
}

TEST_P(Backends, AnswerEveryBatchOfManyInFlight) {
  const auto model = load("dynamic.onnx");
  SessionOptions options;
  options.streams = 2;
  options.slot = model->input();
  const auto session = model->compile(options);
  constexpr size_t kBatches = 40;
  const auto in_flight = static_cast<size_t>(session->max_in_flight());
  const size_t item = static_cast<size_t>(model->input().item_shape().elements());
  std::vector<std::vector<float>> inputs(kBatches);
  std::vector<std::vector<float>> outputs(kBatches, std::vector<float>(5));
  std::atomic<size_t> done = 0;
  for (size_t i = 0; i < kBatches; ++i) {
    inputs[i] = noise(item, static_cast<unsigned>(i));
    while (i - done >= in_flight) std::this_thread::yield();
    session->start({DType::kF32, options.slot.batch_shape(1), reinterpret_cast<std::byte*>(inputs[i].data())},
                   outputs[i], [&](const Status& status) {
                     EXPECT_TRUE(status.ok());
                     ++done;
                   });
  }
  while (done < kBatches) std::this_thread::yield();
  for (size_t i = 0; i < kBatches; ++i) EXPECT_EQ(outputs[i], infer(*session, options.slot, inputs[i])) << i;
}

TEST_P(Backends, InGraphSuffixEqualsNormalisingOutside) {
  const auto model = load("dynamic.onnx");
  SessionOptions plain;
  plain.slot = model->input();
  SessionOptions suffix;
  suffix.slot = {DType::kU8, Layout::kHWC, 16, 16, 3};
  suffix.suffix = {{ConvertOp{}, kNormalise, ReorderLayoutOp{Layout::kCHW}}};
  const std::vector<uint8_t> u8 = pixels();
  std::vector<float> normalised(u8.size());
  for (size_t y = 0; y < 256; ++y) {
    for (size_t c = 0; c < 3; ++c) {
      normalised[c * 256 + y] =
          (static_cast<float>(u8[y * 3 + c]) * kNormalise.scale - kNormalise.mean[c]) / kNormalise.std[c];
    }
  }
  const auto expected = infer(*model->compile(plain), plain.slot, normalised);
  const auto got = infer(*model->compile(suffix), suffix.slot, u8);
  for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(got[k], expected[k], 1e-4);
}

TEST_P(Backends, AnswersWithASuffixDoNotDependOnBatchComposition) {
  const auto model = load("dynamic.onnx");
  SessionOptions options;
  options.batch_size = 4;
  options.slot = {DType::kU8, Layout::kHWC, 20, 30, 3};
  options.suffix = {{ResizeOp{ResizeRule::kExact, 0, {16, 16}, ResizeFilter::kBicubic}, ConvertOp{}, kNormalise,
                     ReorderLayoutOp{Layout::kCHW}}};
  const auto session = model->compile(options);
  const size_t item = options.slot.item_bytes();
  std::mt19937 random(5);
  const auto bytes = [&] {
    std::vector<uint8_t> values(4 * item);
    for (uint8_t& value : values) value = static_cast<uint8_t>(random());
    return values;
  };
  const std::vector<uint8_t> first = bytes();
  const std::vector<float> expected = infer(*session, options.slot, first);
  for (size_t place = 0; place < 4; ++place) {
    std::vector<uint8_t> other = bytes();
    std::copy_n(first.begin(), item, other.begin() + static_cast<std::ptrdiff_t>(place * item));
    const std::vector<float> got = infer(*session, options.slot, other);
    for (size_t k = 0; k < 5; ++k) EXPECT_EQ(got[place * 5 + k], expected[k]) << place;
  }
}

TEST_P(Backends, RefuseASuffixThatDoesNotEndInWhatTheModelTakes) {
  const auto model = load("dynamic.onnx");
  SessionOptions options;
  options.slot = {DType::kU8, Layout::kHWC, 16, 16, 3};
  options.suffix = {{ConvertOp{}}};
  EXPECT_THAT([&] { model->compile(options); },
              ThrowsMessage<Error>(HasSubstr("make f32 HWC 16x16 of u8 HWC 16x16")));
}

TEST_P(Backends, ReshapeAStaticBatchOfOne) {
  const auto fixed = load("static1.onnx");
  const auto dynamic = load("dynamic.onnx");
  SessionOptions options;
  options.batch_size = 3;
  options.slot = fixed->input();
  const auto session = fixed->compile(options);
  EXPECT_EQ(session->batch_size(), 3);
  const std::vector<float> values = noise(3 * 16 * 16 * 3, 4);
  const std::vector<float> got = infer(*session, options.slot, values);
  const std::vector<float> expected = infer(*dynamic->compile(options), options.slot, values);
  for (size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[k], 1e-5) << k;
}

TEST_P(Backends, ChooseTheNamedOutput) {
  EXPECT_EQ(load("two_outputs.onnx", {"", "features", {}})->output_elements(), 8);
}

struct Refusal {
  const char* file;
  ModelOptions options;
  const char* says;
};
const Refusal kRefusals[] = {
    {"missing.onnx", {}, "no such model"}, {"broken.onnx", {}, "not a model"},
    {"rank2.onnx", {}, "four axes"},       {"two_inputs.onnx", {}, "2 inputs"},
    {"two_outputs.onnx", {}, "2 outputs"}, {"dynamic.onnx", {"no_such_input", "", {}}, "no_such_input"}};

TEST_P(Backends, RefuseInOneLineThatNamesTheFile) {
  for (const Refusal& refusal : kRefusals) {
    try {
      load(refusal.file, refusal.options);
      ADD_FAILURE() << refusal.file << " was loaded";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(error.what(), HasSubstr(refusal.file));
      EXPECT_THAT(error.what(), HasSubstr(refusal.says));
      EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("\n")));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Backends, ::testing::Values("openvino", "onnxruntime"));

TEST(BothBackends, AnswerAlike) {
  if (const char* reason = test::why_backend_cannot_run("openvino")) GTEST_SKIP() << reason;
  const std::vector<float> values = noise(16 * 16 * 3, 9);
  std::vector<std::vector<float>> answers;
  for (const char* name : {"openvino", "onnxruntime"}) {
    const auto backend = make_backend(name);
    const auto model = backend->load(kModels / "dynamic.onnx", {});
    SessionOptions options;
    options.slot = model->input();
    answers.push_back(infer(*model->compile(options), options.slot, values));
  }
  for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(answers[0][k], answers[1][k], 1e-4) << k;
}

TEST(MakeBackend, RefusesWhatItDoesNotHave) {
  EXPECT_THAT([] { make_backend("tensorflow"); }, ThrowsMessage<Error>(HasSubstr("only openvino, onnxruntime")));
  EXPECT_THAT([] { make_backend("onnxruntime:quantum"); },
              ThrowsMessage<Error>(::testing::AllOf(HasSubstr("only cpu"), HasSubstr("quantum"))));
}

}  // namespace
}  // namespace smol
