#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/plan/profile.h"

namespace smol {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Profile two_formats_one_model() {
  Profile profile;
  profile.machine = {"Some CPU", 2, 8e9, {{"smol", "0.1.0"}, {"openvino", "2026.4.1"}}};
  profile.capacities = {2, 1, 6e9};
  PrefixDemand prefix;
  prefix.format = parse_input_format("full@1/8");
  ResizeOp resize;
  resize.short_side = 256;
  prefix.prefix.ops = {resize, CenterCropOp{{224, 224}}};
  prefix.read_s = 1e-5;
  prefix.decode_s = 0.0247;
  prefix.preprocess_s = 3e-4;
  prefix.bytes_read = 4.1e6;
  prefix.core_s = {0.0248, 0.0251, 0.03, 7};
  prefix.inputs = {20, {3000, 4000}, {3024, 4032}, {6000, 8000}, 4.1e6};
  profile.prefixes = {prefix};
  ExecDemand execution;
  execution.model_hash = "0123456789abcdef";
  execution.backend = "openvino";
  execution.suffix.ops = {ConvertOp{}, NormaliseOp{}, ReorderLayoutOp{}};
  execution.slot = {DType::kU8, Layout::kHWC, 224, 224};
  execution.batch = 8;
  execution.streams = 2;
  execution.core_s = 0.0166;
  execution.spread = {0.0165, 0.0166, 0.02, 5};
  profile.executions = {execution};
  profile.sinks = {{"parquet", "topk", 2e-6, {2e-6, 2e-6, 3e-6, 3}}};
  PipelineMeasurement pipeline;
  pipeline.model_hash = execution.model_hash;
  pipeline.format = prefix.format;
  pipeline.prefix = prefix.prefix;
  pipeline.backend = "openvino";
  pipeline.threads = pipeline.streams = 2;
  pipeline.batch = 8;
  pipeline.inputs = prefix.inputs;
  pipeline.items_per_s = 46.5;
  pipeline.core_s = {0.0415, 0.042, 0.05, 3};
  profile.pipelines = {pipeline};
  return profile;
}

std::string failure(const std::string& json) {
  try {
    parse_profile(json, "profile.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Profile, ComesBackFromItsJson) {
  const Profile profile = two_formats_one_model();
  EXPECT_EQ(parse_profile(to_json(profile), "profile.json"), profile);
  EXPECT_EQ(parse_profile(to_json(Profile{}), "profile.json"), Profile{});
}

TEST(Profile, RefusesWhatItDoesNotKnowInOneLine) {
  const std::string json = to_json(two_formats_one_model());
  EXPECT_THAT(failure("{"), AllOf(HasSubstr("profile.json"), HasSubstr("not JSON")));
  EXPECT_THAT(failure(replaced(json, R"("smol_profile": 1)", R"("smol_profile": 2)")), HasSubstr("smol profile"));
  EXPECT_THAT(failure(replaced(json, R"("decode_s")", R"("decoding_s")")),
              AllOf(HasSubstr("prefixes[0]"), HasSubstr("decoding_s"), Not(HasSubstr("\n"))));
  EXPECT_THAT(failure(replaced(json, "0.0247", "-1")), HasSubstr("prefixes[0].decode_s must not be negative: -1"));
  EXPECT_THAT(failure(replaced(json, R"("decode": "1/8")", R"("decode": "1/7")")), HasSubstr("1/7"));
  EXPECT_THAT(failure(replaced(json, R"("batch": 8)", R"("batch": 0)")), HasSubstr("executions[0].batch"));
  EXPECT_THAT(failure(replaced(json, R"("op": "convert")", R"("op": "converse")")), HasSubstr("suffix[0].op"));
}

TEST(MachineIdentity, SaysWhatDiffers) {
  const MachineIdentity here{"A", 2, 8e9, {{"openvino", "1"}}};
  EXPECT_EQ(difference(here, here), "");
  MachineIdentity other = here;
  other.cpu = "B";
  EXPECT_EQ(difference(other, here), "cpu B, here A");
  other = here;
  other.cores = 4;
  EXPECT_EQ(difference(other, here), "4 cores, here 2");
  other = here;
  other.versions["openvino"] = "2";
  EXPECT_EQ(difference(other, here), "openvino 2, here 1");
  other.versions = {};
  EXPECT_EQ(difference(other, here), "no openvino, here 1");
  EXPECT_EQ(difference(here, other), "openvino 1, here none");
}

TEST(InputFormat, ReadsAsItPrints) {
  for (const char* text : {"full", "full@1/8", "thumb161", "full@thumbnail", "video480@no-filters+1/2"}) {
    EXPECT_EQ(parse_input_format(to_string(parse_input_format(text))), parse_input_format(text)) << text;
  }
  EXPECT_EQ(to_string(parse_input_format("full@1/8")), "full@1/8");
  EXPECT_EQ(to_string(parse_input_format("full@full")), "full");
  EXPECT_THROW(parse_input_format("@1/8"), Error);
  EXPECT_THROW(parse_input_format("full@"), Error);
}

}  // namespace
}  // namespace smol
