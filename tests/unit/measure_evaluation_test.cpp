// evaluation.json is read as it was written; damaged, it is refused in one line. Scores choose the right reference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/measure/evaluation.h"
#include "smol/measure/scoring.h"

namespace smol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Prediction said(int32_t best) { return {std::nullopt, {best, 9}, {2, 1}}; }

// Two models, two formats; "b" is better in full, "a" on the thumbnail.
ScoringInput four_cells(const LabelTable& labels, const std::vector<std::string>& ids) {
  ScoringInput input;
  input.ids = ids;
  input.labels = &labels;
  input.label_ids = &ids;
  input.engine = "test 1";
  input.models = {{"a", "a.onnx", "aa", "crop", {}, 10}, {"b", "b.onnx", "bb", "resize", {}, 10}};
  const InputFormat full{"full", {}};
  const InputFormat thumb{"thumb", {.scale_denominator = 2}};
  input.cells = {{0, full, {said(0), said(1), said(9), said(9)}},
                 {1, full, {said(0), said(1), said(2), said(9)}},
                 {0, thumb, {said(0), said(1), said(2), said(3)}},
                 {1, thumb, {said(0), said(9), said(9), {ItemError{ItemErrorCode::kCorrupt, "bad"}, {}, {}}}}};
  return input;
}

class Scores : public testing::Test {
 protected:
  const LabelTable labels_{"id,label,group\nw,0,g\nx,1,g\ny,2,\nz,3,h\n", "labels.csv"};
  const std::vector<std::string> ids_{"w", "x", "y", "z"};
};

TEST_F(Scores, TheReferenceIsTheBestOnFullDecodes) {
  const Evaluation evaluation = score(four_cells(labels_, ids_));
  EXPECT_EQ(evaluation.reference, 1);  // not the thumbnail that has all right
  EXPECT_FALSE(evaluation.candidates[1].difference.has_value());
  EXPECT_THAT(evaluation.set.groups, ElementsAre(0, 0, 1, 2));
  const double values[] = {0.5, 0.75, 1, 0.25};
  for (size_t i = 0; i < 4; ++i) {
    const EvaluatedCandidate& candidate = evaluation.candidates[i];
    EXPECT_EQ(candidate.metrics[0].second.value, values[i]);
    if (i == 1) continue;
    EXPECT_DOUBLE_EQ(candidate.difference->value, values[i] - 0.75);
    EXPECT_LE(candidate.difference->low, candidate.difference->value);
    EXPECT_GE(candidate.difference->high, candidate.difference->value);
    EXPECT_FALSE(is_resolved(*candidate.difference)) << "three groups cannot tell";
  }
  EXPECT_EQ(evaluation.candidates[3].failed.front().id, "z");
}

TEST_F(Scores, AnEvaluationIsReadAsItWasWritten) {
  const Evaluation evaluation = score(four_cells(labels_, ids_));
  const std::string json = to_json(evaluation);
  const Evaluation read = parse_evaluation(json, "e.json");
  EXPECT_EQ(to_json(read), json);
  EXPECT_EQ(read.set.groups, evaluation.set.groups);
  EXPECT_EQ(read.find("bb", "resize", {"thumb", {.scale_denominator = 2}})->outcomes.values,
            evaluation.candidates[3].outcomes.values);
  EXPECT_EQ(read.find("bb", "resize", {"thumb", {}}), nullptr);
  EXPECT_EQ(read.find("bb", "another", {"thumb", {.scale_denominator = 2}}), nullptr) << "the manifest has changed";
}

TEST_F(Scores, ABoundThatOneGroupCannotGiveIsReadBack) {
  const LabelTable one_group("id,label,group\nw,4,g\nx,1,g\n", "labels.csv");
  const std::vector<std::string> ids = {"w", "x"};
  ScoringInput input = four_cells(one_group, ids);
  for (ScoredModel& model : input.models) model.outputs = 1;
  for (ScoredCell& cell : input.cells) cell.predictions.resize(2);
  const Evaluation evaluation = score(std::move(input));
  EXPECT_EQ(evaluation.set.metric, Metric::kMeanAbsoluteError);
  EXPECT_EQ(evaluation.candidates[0].metrics[0].second.value, 1.5);  // |2 - 4| and |2 - 1|
  EXPECT_EQ(to_json(parse_evaluation(to_json(evaluation), "e.json")), to_json(evaluation));
}

TEST_F(Scores, AMetricThatDoesNotGoWithTheModelsIsRefused) {
  ScoringInput input = four_cells(labels_, ids_);
  input.metric = Metric::kMeanAbsoluteError;
  EXPECT_THROW(check_scorable(input), Error);
  input.metric = Metric::kF1;
  input.positive = "10";
  EXPECT_THROW(check_scorable(input), Error);
}

TEST_F(Scores, ADamagedEvaluationIsRefusedInOneLine) {
  const std::string json = to_json(score(four_cells(labels_, ids_)));
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      parse_evaluation(text, "e.json");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  for (size_t end = 0; end < json.size(); end += 7) {
    const std::string message = refusal(json.substr(0, end));
    EXPECT_THAT(message, HasSubstr("e.json")) << end;
    EXPECT_EQ(message.find('\n'), message.npos);
  }
  const auto replaced = [&](const std::string& what, const std::string& by) {
    std::string text = json;
    text.replace(text.find(what), what.size(), by);
    return refusal(text);
  };
  EXPECT_THAT(replaced("\"smol_evaluation\"", "\"other\""), HasSubstr("e.json"));
  EXPECT_THAT(replaced("\"metric\"", "\"metrik\""), HasSubstr("metric"));
  const size_t outcomes = json.find("\"outcomes\"");
  std::string fewer = json;
  fewer.erase(json.find(',', outcomes), json.find(']', outcomes) - json.find(',', outcomes));
  EXPECT_THAT(refusal(fewer), HasSubstr("one outcome an item"));
}

}  // namespace
}  // namespace smol
