// Proves: the simulated device answers in order with a pure function of the input bytes, and fails when told to.
#include "smol/infer/simulated_device.h"

#include <gtest/gtest.h>

#include <cstring>
#include <future>

namespace smol {
namespace {

constexpr InputSpec kInput{DType::kF32, Layout::kCHW, 4, 4, 3};

std::vector<float> ask(Session& session, unsigned char fill, bool expect_ok = true) {
  AlignedBuffer input = session.allocate_slot();
  std::memset(input.data(), fill, static_cast<size_t>(session.batch_size()) * kInput.item_bytes());
  std::vector<float> output(static_cast<size_t>(session.batch_size() * session.output_elements()));
  std::promise<bool> ok;
  session.start({DType::kF32, kInput.batch_shape(session.batch_size()), input.data()}, output,
                [&](const Status& status) { ok.set_value(status.ok()); });
  EXPECT_EQ(ok.get_future().get(), expect_ok);
  return output;
}

TEST(SimulatedDevice, AnswersArePureFunctionsOfEachItem) {
  const auto backend = make_simulated_device({.input = kInput, .output_elements = 3});
  const auto model = backend->load("anything", {});
  const auto one = model->compile({.batch_size = 1, .slot = kInput});
  const auto four = model->compile({.batch_size = 4, .slot = kInput});
  const std::vector<float> single = ask(*one, 7);
  const std::vector<float> batch = ask(*four, 7);
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(batch[i], single[i % 3]);
  EXPECT_NE(ask(*one, 8), single);
  for (const float value : single) EXPECT_TRUE(value >= 0 && value < 1);
}

TEST(SimulatedDevice, FailsEveryNthBatch) {
  const auto backend = make_simulated_device({.input = kInput, .fail_every = 3});
  const auto session = backend->load("", {})->compile({.batch_size = 1, .slot = kInput});
  for (int i = 1; i <= 9; ++i) ask(*session, 1, i % 3 != 0);
}

}  // namespace
}  // namespace smol
