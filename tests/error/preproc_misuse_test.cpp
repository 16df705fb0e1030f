// Wrong calls and graphs that cannot be fused end in an Error that says what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "smol/base/error.h"
#include "smol/preproc/executor.h"

namespace smol {
namespace {

void expect_refusal(const std::function<void()>& call, const char* message) {
  try {
    call();
    ADD_FAILURE() << "accepted; expected: " << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), testing::HasSubstr(message));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  }
}

const ResizeOp kResize{ResizeRule::kExact, 0, {8, 8}};

TEST(FusedExecutor, RefusesGraphsThatItCannotFuse) {
  const auto construct = [](PreprocGraph graph) { return [graph] { FusedExecutor executor(graph); }; };
  expect_refusal(construct({{kResize, kResize}}),
                 "cannot run a second resize (\"mergeable\": true on it has both done as one): resize 8x8");
  const ReorderChannelsOp grey{ChannelOrder::kGrey, 1};
  expect_refusal(construct({{kResize, ConvertOp{}, ScaleOp{2}, grey}}), "grey after scaling or normalisation");
  expect_refusal(construct({{kResize, ConvertOp{}, ConvertOp{DType::kU8}}}), "cannot run a conversion back to u8");
  expect_refusal(construct({{ConvertOp{}, kResize}}), "put the resize first");
  expect_refusal(construct({}), "no fixed output size");
  expect_refusal([] { ReferenceExecutor executor(PreprocGraph{}); }, "no fixed output size");
}

class FusedExecutorCalls : public testing::Test {
 protected:
  TensorView out() { return {DType::kU8, executor.output().item_shape(), tensor.data()}; }
  Strip strip(int row, int rows, int width = 10, int channels = 3) {
    return {row, {pixels.data(), {rows, width}, channels, ptrdiff_t{width} * channels}};
  }
  void begin() { executor.begin({{20, 10}, {0, 0, 20, 10}, 1, {20, 10}}, Orientation::kUpright, out()); }

  FusedExecutor executor{PreprocGraph{{kResize}}};
  std::vector<std::byte> tensor = std::vector<std::byte>(executor.output().item_bytes());
  std::vector<uint8_t> pixels = std::vector<uint8_t>(20 * 20 * 4);
};

TEST_F(FusedExecutorCalls, NeedTheRightOutput) {
  const DecodedGeometry decoded{{20, 10}, {0, 0, 20, 10}, 1, {20, 10}};
  TensorView wrong = out();
  wrong.dtype = DType::kF32;
  expect_refusal([&] { executor.begin(decoded, Orientation::kUpright, wrong); }, "must be u8 HWC 8x8x3, got f32");
  wrong = out();
  wrong.shape.axes[0] = 9;
  expect_refusal([&] { executor.begin(decoded, Orientation::kUpright, wrong); }, "must be u8 HWC 8x8x3");
  wrong = out();
  wrong.data = nullptr;
  expect_refusal([&] { executor.begin(decoded, Orientation::kUpright, wrong); }, "must be u8 HWC 8x8x3");
  expect_refusal(
      [&] { ReferenceExecutor(PreprocGraph{{kResize}}).run(strip(0, 20).rgb, Orientation::kUpright, wrong); },
      "the output tensor must have");
}

TEST_F(FusedExecutorCalls, NeedGeometryThatAddsUp) {
  const auto begin_with = [&](const DecodedGeometry& decoded) {
    return [this, decoded] { executor.begin(decoded, Orientation::kUpright, out()); };
  };
  expect_refusal(begin_with({{20, 11}, {0, 0, 20, 10}, 1, {20, 10}}), "11 columns cover 0+10 of 10 at 1/1");
  expect_refusal(begin_with({{20, 10}, {0, 0, 20, 10}, 1, {19, 10}}), "20 rows cover 0+20 of 19");
  expect_refusal(begin_with({{20, 10}, {0, 0, 20, 10}, 0, {20, 10}}), "contradicts itself");
  expect_refusal(begin_with({{3, 3}, {0, 0, 24, 24}, 8, {20, 10}}), "3 columns cover 0+24 of 10 at 1/8");
  expect_refusal(begin_with({{20, 10}, {0, 0, 20, 10}, 1, {}}), "20 rows cover 0+20 of 0");
  expect_refusal(begin_with({{0, 0}, {0, 0, 0, 0}, 1, {0, 0}}), "contradicts itself");
}

TEST_F(FusedExecutorCalls, MustComeInOrder) {
  expect_refusal([&] { executor.push(strip(0, 5)); }, "push without begin");
  expect_refusal([&] { executor.finish(); }, "before all needed rows");
  begin();
  expect_refusal([&] { executor.push(strip(5, 5)); }, "expected RGB rows from row 0 of 20x10");
  expect_refusal([&] { executor.push(strip(0, 5, 9)); }, "5x9 from row 0");
  expect_refusal([&] { executor.push(strip(0, 5, 10, 4)); }, "got 4 channels");
  expect_refusal([&] { executor.push(strip(0, 21, 5)); }, "expected RGB rows");
  EXPECT_FALSE(executor.push(strip(0, 12)));
  expect_refusal([&] { executor.finish(); }, "before all needed rows");
  begin();
  EXPECT_FALSE(executor.push(strip(0, 12)));
  EXPECT_TRUE(executor.push(strip(12, 8)));
  executor.finish();
  expect_refusal([&] { executor.finish(); }, "before all needed rows");
}

TEST_F(FusedExecutorCalls, MustComeInOrderForTurnedPicturesToo) {
  executor.begin({{20, 10}, {0, 0, 20, 10}, 1, {20, 10}}, Orientation::kTranspose, out());
  expect_refusal([&] { executor.push(strip(5, 5)); }, "expected RGB rows from row 0 of 20x10");
  EXPECT_FALSE(executor.push(strip(0, 12)));
  expect_refusal([&] { executor.finish(); }, "before all needed rows");
}

}  // namespace
}  // namespace smol
