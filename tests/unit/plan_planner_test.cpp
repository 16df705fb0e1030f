#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "planning_problems.h"
#include "smol/base/error.h"
#include "smol/plan/plan.h"
#include "smol/plan/planner.h"

namespace smol {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Candidate candidate(const std::string& id, const std::string& model, const std::string& format, double decode_s,
                    double dnn_s, size_t outcomes) {
  Candidate made;
  made.id = id;
  CandidateStage& stage = made.stages.emplace_back();
  stage.name = model;
  stage.format = parse_input_format(format);
  stage.demand.decode_s = decode_s;
  stage.demand.infer_core_s = dnn_s;
  made.outcomes = outcomes;
  return made;
}

// `items` of which the first `right` are right.
Outcomes first_right(size_t right, size_t items) {
  Outcomes outcomes;
  for (size_t i = 0; i < items; ++i) outcomes.values.push_back(i < right ? 1 : 0);
  return outcomes;
}

// A large and a small model, each on full pictures and on thumbnails; the large one loses one item in `items` there.
PlanningProblem two_models(size_t items) {
  PlanningProblem problem;
  for (size_t i = 0; i < items; ++i) {
    problem.calibration.ids.push_back(std::to_string(i));
    problem.calibration.groups.push_back(static_cast<uint32_t>(i));
  }
  problem.outcomes = {first_right(items * 3 / 4, items), first_right(items * 3 / 4 - 1, items),
                      first_right(items * 2 / 3, items), first_right(items / 2, items)};
  problem.full_outcomes = {0, 2};
  problem.candidates = {candidate("large-full", "large", "full", 0.020, 0.005, 0),
                        candidate("large-thumb", "large", "thumb", 0.001, 0.005, 1),
                        candidate("small-full", "small", "full", 0.020, 0.002, 2),
                        candidate("small-thumb", "small", "thumb", 0.001, 0.002, 3)};
  problem.capacities.cores = 1;
  problem.prices.cents_per_core_hour = 3.6;
  return problem;
}

const Assessment& of(const PlanningResult& result, std::string_view id) { return *find_candidate(result, id); }

TEST(Planner, TakesTheFastestPlanThatSurelyLosesLittle) {
  const PlanningResult result = plan(two_models(2000));
  EXPECT_EQ(result.calibration.reference, "large-full");
  EXPECT_EQ(result.chosen, "large-thumb");
  const Assessment& chosen = of(result, "large-thumb");
  EXPECT_EQ(chosen.status, CandidateStatus::kChosen);
  EXPECT_NEAR(chosen.loss, 1.0 / 2000, 1e-12);
  EXPECT_GT(chosen.loss_upper, chosen.loss);
  EXPECT_LE(chosen.loss_upper, 0.01);
  EXPECT_NEAR(chosen.estimates.resource_model, 1 / 0.006, 1e-9);
  EXPECT_EQ(chosen.bound_by, "cpu");
  EXPECT_NEAR(chosen.cents_per_million, 3.6 / 3600 * 0.006 * 1e6, 1e-9);
  EXPECT_NEAR(chosen.latency_ms, 1e3 * 7 * 0.006, 1e-9);
  EXPECT_EQ(of(result, "large-full").status, CandidateStatus::kFront);
  EXPECT_EQ(of(result, "small-thumb").status, CandidateStatus::kInfeasible);
}

TEST(Planner, IsCarefulWithASmallCalibrationSet) {
  const PlanningResult result = plan(two_models(40));
  EXPECT_EQ(result.chosen, "large-full");
  EXPECT_THAT(of(result, "large-full").reason, HasSubstr("reference itself"));
  EXPECT_GT(of(result, "large-thumb").loss_upper, 0.05);
  EXPECT_FALSE(of(result, "large-thumb").resolved);
}

TEST(Planner, SaysWhyADnnSlowerThanItsPreprocessingWent) {
  PlanningProblem problem = two_models(400);
  problem.outcomes[3] = problem.outcomes[1];  // on thumbnails the small model is as accurate
  const PlanningResult result = plan(problem);
  const Assessment& beaten = of(result, "large-thumb");
  EXPECT_EQ(beaten.status, CandidateStatus::kDominated);
  EXPECT_EQ(beaten.beaten_by, "small-thumb");
  EXPECT_THAT(beaten.reason, AllOf(HasSubstr("slower than its preprocessing"), HasSubstr("as accurate")));
  EXPECT_THAT(of(result, "small-full").reason, Not(HasSubstr("slower than its preprocessing")));
}

TEST(Planner, ReachesItsPointOnTheFrontFromEverySide) {
  PlanningProblem problem = two_models(400);
  const auto chosen = [&](ConstraintKind kind, double value) {
    problem.constraint = {kind, value};
    return plan(problem).chosen;
  };
  EXPECT_EQ(chosen(ConstraintKind::kFastest, 0), "small-thumb");
  EXPECT_EQ(chosen(ConstraintKind::kMinThroughput, 150), "large-thumb");
  EXPECT_EQ(chosen(ConstraintKind::kMinThroughput, 300), "small-thumb");
  EXPECT_EQ(chosen(ConstraintKind::kMaxCost, 1e6), "large-full");
  EXPECT_EQ(chosen(ConstraintKind::kMaxLatency, 46), "large-thumb");
  EXPECT_EQ(chosen(ConstraintKind::kMinAccuracy, 0.4), "small-thumb");
  EXPECT_EQ(chosen(ConstraintKind::kMinAccuracy, 0.65), "large-thumb");
}

TEST(Planner, NamesTheNearestMissOnEitherSide) {
  PlanningProblem problem = two_models(400);
  problem.constraint = {ConstraintKind::kMinAccuracy, 0.65};
  problem.also = {{ConstraintKind::kMinThroughput, 250}};
  const PlanningResult result = plan(problem);
  EXPECT_EQ(result.chosen, "");
  ASSERT_TRUE(result.nearest_miss);
  EXPECT_EQ(result.nearest_miss->most_accurate, "small-thumb");  // of the one that is fast enough
  EXPECT_EQ(result.nearest_miss->fastest, "large-thumb");        // of those that are accurate enough
  EXPECT_THAT(result.nearest_miss->explanation,
              AllOf(HasSubstr("small-thumb"), HasSubstr("large-thumb"), Not(HasSubstr("\n"))));
  EXPECT_THAT(candidates_to_measure(result), IsEmpty());
}

TEST(Planner, MeasuresWhatMissesTheLimitByNoMoreThanEstimatesMayErr) {
  PlanningProblem problem = two_models(400);
  problem.constraint = {ConstraintKind::kMinAccuracy, 0.65};
  problem.also = {{ConstraintKind::kMinThroughput, 175}};  // large-thumb: 167 by estimate
  EXPECT_EQ(plan(problem).chosen, "");
  EXPECT_THAT(candidates_to_measure(plan(problem)), testing::ElementsAre("large-thumb"));
  problem.candidates[1].measured_items_per_s = 180;
  EXPECT_EQ(plan(problem).chosen, "large-thumb");
}

TEST(Planner, AnotherConstraintMeasuresNothingButItsChoice) {
  PlanningProblem problem = two_models(400);
  problem.candidates[0].measured_items_per_s = 40;
  problem.candidates[2].measured_items_per_s = 45;
  problem.candidates.push_back(candidate("large-thumb-2", "large", "thumb", 0.001, 0.0051, 1));
  problem.constraint = {ConstraintKind::kMinAccuracy, 0.65};
  EXPECT_THAT(candidates_to_measure(plan(problem), 0.1, 2), testing::ElementsAre("large-thumb"));
  problem.candidates[1].measured_items_per_s = 170;
  EXPECT_THAT(candidates_to_measure(plan(problem), 0.1, 2), IsEmpty());
}

TEST(Planner, LetsMeasurementsDecideAndMeasuresUntilNothingIsOpen) {
  PlanningProblem problem = make_problem({.models = 4, .formats = 5, .settings = 4, .items = 400, .groups = 80}, 3);
  problem.constraint = {ConstraintKind::kMaxLoss, 0.05};
  PlanningResult result = plan(problem);
  const std::string first = result.chosen;
  ASSERT_THAT(candidates_to_measure(result), Contains(first));
  int rounds = 0;
  for (std::vector<std::string> open = candidates_to_measure(result); !open.empty();
       open = candidates_to_measure(result)) {
    ASSERT_LT(++rounds, 50);
    for (Candidate& each : problem.candidates) {
      if (!testing::Value(open, Contains(each.id))) continue;
      const Assessment& assessed = of(result, each.id);
      each.measured_items_per_s = assessed.estimates.resource_model * (each.id == first ? 0.5 : 0.95);
    }
    result = plan(problem);
  }
  EXPECT_NE(result.chosen, first);  // it was slower than it looked
  EXPECT_TRUE(of(result, result.chosen).candidate.measured_items_per_s);
}

TEST(Planner, RefusesProblemsThatMakeNoSense) {
  const auto refused = [](auto edit) {
    PlanningProblem problem = two_models(20);
    edit(problem);
    EXPECT_THROW(plan(problem), Error);
  };
  refused([](PlanningProblem& problem) { problem.candidates.clear(); });
  refused([](PlanningProblem& problem) { problem.full_outcomes.clear(); });
  refused([](PlanningProblem& problem) { problem.full_outcomes = {9}; });
  refused([](PlanningProblem& problem) { problem.candidates[0].outcomes = 9; });
  refused([](PlanningProblem& problem) { problem.candidates[0].id = "small-full"; });
  refused([](PlanningProblem& problem) { problem.candidates[0].stages.clear(); });
  refused([](PlanningProblem& problem) { problem.outcomes[1].values.pop_back(); });
  refused([](PlanningProblem& problem) { problem.outcomes[1].values[0] = 0.5; });
  refused([](PlanningProblem& problem) {
    problem.calibration.metric = Metric::kMeanAbsoluteError;
    problem.constraint.kind = ConstraintKind::kMinAccuracy;
  });
}

TEST(Planner, TakesErrorsAsSmallerIsBetter) {
  PlanningProblem problem = two_models(200);
  problem.calibration.metric = Metric::kMeanAbsoluteError;
  for (size_t o = 0; o < problem.outcomes.size(); ++o) {
    for (size_t i = 0; i < 200; ++i)
      problem.outcomes[o].values[i] = static_cast<float>((i * 7 % 10) * (o + 1)) * 0.1f;
  }
  problem.constraint = {ConstraintKind::kMaxLoss, 0.9};
  const PlanningResult result = plan(problem);
  EXPECT_EQ(result.calibration.reference, "large-full");
  EXPECT_GT(of(result, "small-full").loss, of(result, "large-thumb").loss);
  EXPECT_EQ(result.chosen, "large-thumb");
}

TEST(PlanningResult, ComesBackFromItsJson) {
  PlanningProblem problem = make_problem({}, 11);
  problem.also = {{ConstraintKind::kMaxLatency, 500}};
  problem.candidates[2].measured_items_per_s = 33;
  CandidateStage second = problem.candidates[3].stages[0];
  second.pass_rate = 0.2;
  problem.candidates[3].stages.push_back(second);
  PlanningResult result = plan(problem);
  result.made_at = "2026-11-26T08:00:00Z";
  result.machine = {"Some CPU", 2, 8e9, {{"openvino", "1"}}};
  result.examples = {{"i0", "a.jpg", "cat", {{"c0", "cat"}, {"c1", "dog"}}}};
  for (Assessment& each : result.candidates) {  // not kept: the caller's indices
    each.candidate.outcomes = 0;
    for (CandidateStage& stage : each.candidate.stages) stage.model = 0;
  }
  result.candidates[0].loss_upper = std::numeric_limits<double>::infinity();  // of a set that is one group
  const PlanningResult back = parse_planning(to_json(result), "planning");
  EXPECT_EQ(back, result);
  EXPECT_EQ(explanation(back), explanation(result));
  EXPECT_THAT(explanation(result), AllOf(HasSubstr(result.chosen), HasSubstr("m1"), HasSubstr("r2")));
}

TEST(Plan, ComesBackFromItsJsonWithEverythingThatPlanningSaid) {
  Plan made;
  PlanStage& stage = made.stages.emplace_back();
  stage.model = "/models/net.onnx";
  stage.model_hash = "0123456789abcdef";
  stage.manifest.name = "net";
  stage.manifest.labels = "/models/labels.txt";
  stage.manifest.preprocessing = preset_graph("imagenet", {224, 224});
  stage.formats = {{parse_input_format("thumb161"), 2}, {parse_input_format("full@1/4"), -1}};
  stage.thresholds = {0.8};
  made.stages.push_back(stage);
  made.stages.back().thresholds.clear();
  made.output = "logits";
  made.scores = Scores::kSoftmax;
  made.engine = {"openvino", 2, 1, 8};
  made.planning = plan(make_problem({}, 5));
  const Plan back = parse_plan(to_json(made), "plan.json", "/elsewhere");
  EXPECT_EQ(to_json(back), to_json(made));
  EXPECT_EQ(plan_id(back), plan_id(made));
}

TEST(Plan, IdDependsOnWhatChangesAnswersAndOnNothingElse) {
  Plan plan_a;
  PlanStage& stage = plan_a.stages.emplace_back();
  stage.model = "a.onnx";
  stage.model_hash = "0123456789abcdef";
  stage.manifest.preprocessing = preset_graph("imagenet", {224, 224});
  stage.formats = {{parse_input_format("full"), -1}};
  const auto id_after = [&](auto edit) {
    Plan edited = plan_a;
    edit(edited);
    return plan_id(edited);
  };
  const std::string id = plan_id(plan_a);
  EXPECT_EQ(id, id_after([](Plan& p) { p.stages[0].model = "b.onnx"; }));
  EXPECT_EQ(id, id_after([](Plan& p) { p.stages[0].manifest.name = "other"; }));
  EXPECT_EQ(id, id_after([](Plan& p) { p.engine.threads = 7; }));
  EXPECT_EQ(id, id_after([](Plan& p) { p.engine.batch = 32; }));
  EXPECT_EQ(id, id_after([](Plan& p) { p.planning = PlanningResult{}; }));
  EXPECT_NE(id, id_after([](Plan& p) { p.stages[0].model_hash = "f"; }));
  EXPECT_NE(id, id_after([](Plan& p) { p.engine.backend = "onnxruntime"; }));
  EXPECT_NE(id, id_after([](Plan& p) { p.stages[0].formats[0].cpu_ops = 2; }));
  EXPECT_NE(id, id_after([](Plan& p) { p.stages[0].formats.push_back({parse_input_format("thumb"), -1}); }));
  EXPECT_NE(id, id_after([](Plan& p) { p.topk = 1; }));
  EXPECT_NE(id, id_after([](Plan& p) { p.scores = Scores::kSoftmax; }));
}

}  // namespace
}  // namespace smol
