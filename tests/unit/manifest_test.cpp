#include "smol/infer/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "smol/base/error.h"

namespace smol {
namespace {

constexpr const char* kWhole = R"({
  "smol_manifest": 1, "name": "net", "input": "image", "output": {"name": "logits", "kind": "probabilities"},
  "preprocessing": [
    {"op": "resize", "short_side": 256, "filter": "bicubic", "antialias": false},
    {"op": "resize", "height": 20, "width": 30},
    {"op": "center_crop", "height": 224, "width": 192},
    {"op": "pad", "height": 300, "width": 301, "value": 114, "centred": false},
    {"op": "reorder_channels", "order": "bgr"},
    {"op": "convert", "dtype": "f32"},
    {"op": "normalise", "scale": 0.5, "mean": [1, 2, 3], "std": [4, 5, 6]},
    {"op": "reorder_layout", "layout": "CHW"}],
  "trained_short_side": 256, "labels": "labels.txt"})";

TEST(Manifest, ReadsEveryKeyAndWritesItBack) {
  const Manifest manifest = parse_manifest(kWhole, "net.json");
  EXPECT_EQ(manifest.name, "net");
  EXPECT_EQ(manifest.input_name, "image");
  EXPECT_EQ(manifest.output_name, "logits");
  EXPECT_EQ(manifest.output_kind, OutputKind::kProbabilities);
  EXPECT_EQ(manifest.trained_short_side, 256);
  EXPECT_EQ(manifest.labels, "labels.txt");
  ASSERT_EQ(manifest.preprocessing.ops.size(), 8u);
  EXPECT_EQ(std::get<ResizeOp>(manifest.preprocessing.ops[0]),
            (ResizeOp{ResizeRule::kShortSide, 256, {}, ResizeFilter::kBicubic, false}));
  EXPECT_EQ(std::get<PadOp>(manifest.preprocessing.ops[3]), (PadOp{{300, 301}, 114, false}));
  const Manifest again = parse_manifest(to_json(manifest), "again");
  EXPECT_EQ(again.preprocessing, manifest.preprocessing);
  EXPECT_EQ(again.output_kind, manifest.output_kind);
  EXPECT_EQ(to_json(again), to_json(manifest));
}

TEST(Manifest, LiesBesideTheModel) { EXPECT_EQ(manifest_path("a/b/net.onnx"), "a/b/net.json"); }

struct Mistake {
  const char* json;
  const char* says;
};

class ManifestMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ManifestMistakes, NameThePlaceAndWhatIsAllowed) {
  try {
    parse_manifest(GetParam().json, "net.json");
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_THAT(error.what(), ::testing::StartsWith("net.json"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr(GetParam().says));
    EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Json, ManifestMistakes,
    ::testing::Values(
        Mistake{"{", "not JSON"}, Mistake{"[]", "must be an object"}, Mistake{"{}", "smol_manifest"},
        Mistake{R"({"smol_manifest": 2})", "must be 1: 2"},
        Mistake{R"({"smol_manifest": 1})", "lacks the key: preprocessing"},
        Mistake{R"({"smol_manifest": 1, "preprocesing": []})", "unknown key"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": 3})", "must be a list"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "blur"}]})", "preprocessing[0].op must be one of"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "resize", "short_side": "256"}]})",
                "preprocessing[0].short_side must be a whole number"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "resize", "short_side": 0}]})", "short_side"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "resize", "short_side": 99999999999}]})",
                "short_side"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "resize", "short_side": 8, "filter": "lanczos"}]})",
                "filter must be one of nearest, bilinear, bicubic, area"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "resize", "short_side": 8, "height": 3}]})",
                "excludes"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "normalise", "std": [1, 0, 1]}]})",
                "must not be zero"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [{"op": "normalise", "mean": [1, 2]}]})", "three numbers"},
        Mistake{R"({"smol_manifest": 1, "preprocessing": [], "output": {"kind": "boxes"}})", "kind must be one of"}));

// Whatever the bytes: a manifest or an Error, never anything else.
TEST(Manifest, SurvivesMutations) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text = kWhole;
    for (int change = 0; change < 3; ++change) text[random() % text.size()] = static_cast<char>(random());
    if (random() % 4 == 0) text.resize(random() % text.size());
    try {
      parse_manifest(text, "mutated");
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace smol
