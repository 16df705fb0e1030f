#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "smol/base/error.h"
#include "smol/report/base64.h"
#include "smol/report/html_page.h"
#include "smol/report/planning_check.h"
#include "smol/report/report_document.h"
#include "smol/report/report_template.h"

namespace smol {
namespace {

using testing::HasSubstr;
using testing::Not;

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

TEST(Base64, IsThatOfTheRfc) {
  EXPECT_EQ(base64(bytes_of("")), "");
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64(bytes_of(std::string_view("\xff\xfe\xfd\0", 4))), "//79AA==");
}

TEST(HtmlEscaped, LeavesNothingThatEndsTextOrAttribute) {
  EXPECT_EQ(html_escaped(R"(<a href="x" title='y'>&amp;)"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
}

TEST(ScriptSafeJson, SaysTheSameAndCannotEndTheScript) {
  const nlohmann::json value = {{"</script><!--", "a & b > c\xE2\x80\xA8\xE2\x80\xA9"}};
  const std::string safe = script_safe_json(value.dump());
  EXPECT_THAT(safe, Not(HasSubstr("<")));
  EXPECT_THAT(safe, Not(HasSubstr(">")));
  EXPECT_THAT(safe, Not(HasSubstr("&")));
  EXPECT_THAT(safe, Not(HasSubstr("\xE2\x80\xA8")));
  EXPECT_THAT(safe, Not(HasSubstr("\xE2\x80\xA9")));
  EXPECT_EQ(nlohmann::json::parse(safe), value);
}

RC_GTEST_PROP(ScriptSafeJson, KeepsEveryText, (const std::vector<uint16_t>& units)) {
  std::string text;
  for (const uint16_t unit : units) {  // as UTF-8, of the plane's first part, where the separators are
    const unsigned c = unit % 0x3000;
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else {
      text += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
               static_cast<char>(0x80 | (c & 63))};
    }
  }
  const nlohmann::json value = {text};
  RC_ASSERT(nlohmann::json::parse(script_safe_json(value.dump())) == value);
}

TEST(FillPage, FillsBothHolesAndNothingElse) {
  EXPECT_EQ(
      fill_page("<title>@@TITLE@@</title><script>@@DOCUMENT@@</script>", "a<b @@DOCUMENT@@", R"(["<@@TITLE@@"])"),
      R"(<title>a&lt;b @@DOCUMENT@@</title><script>["\u003c@@TITLE@@"]</script>)");
  EXPECT_THROW(fill_page("@@TITLE@@", "a", "{}"), std::logic_error);
  EXPECT_THROW(fill_page("@@TITLE@@ @@DOCUMENT@@ @@DOCUMENT@@", "a", "{}"), std::logic_error);
}

TEST(ReportTemplate, HasItsHolesAndLoadsNothing) {
  const std::string page = fill_page(report_template(), "t", "{}");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
  EXPECT_THAT(page, Not(HasSubstr("@@")));
}

Plan plan_with_examples() {
  Plan plan;
  plan.stages.resize(1);
  plan.stages[0].model = "/m.onnx";
  plan.stages[0].formats.resize(1);
  plan.planning.emplace();
  plan.planning->chosen = "c1";
  Assessment& assessment = plan.planning->candidates.emplace_back();
  assessment.candidate.id = "c1";
  assessment.candidate.stages.resize(1);
  assessment.candidate.stages[0].name = "m";
  assessment.candidate.stages[0].format.rendition = "thumb";
  assessment.estimates.resource_model = 10;
  plan.planning->examples = {{"a", "a.jpg", "", {}}, {"b", "b.jpg", "", {}}, {"c", "c.jpg", "", {}}};
  return plan;
}

TEST(ReportDocument, HasAPictureOrAReasonForEachExample) {
  const std::vector<ExamplePicture> pictures = {{SmallPicture{"data:x", {30, 40}}, ""}, {std::nullopt, "gone"}};
  const auto document = report_document(plan_with_examples(), nullptr, {"plan.json"}, pictures);
  EXPECT_EQ(document["title"], "m on thumb");
  EXPECT_FALSE(document["plan"].contains("planning"));
  EXPECT_FALSE(document["planning"].contains("examples"));
  EXPECT_TRUE(document["run"].is_null());
  ASSERT_EQ(document["examples"].size(), 2u);
  EXPECT_EQ(document["examples"][0]["image"], "data:x");
  EXPECT_EQ(document["examples"][0]["width"], 40);
  EXPECT_FALSE(document["examples"][1].contains("image"));
  EXPECT_EQ(document["examples"][1]["why"], "gone");
}

TEST(CheckPlanning, RefusesWhatContradictsItself) {
  const PlanningResult good = *plan_with_examples().planning;
  EXPECT_NO_THROW(check_planning(good, "p"));
  const auto refused = [&](auto change) {
    PlanningResult bad = good;
    change(bad);
    EXPECT_THROW(check_planning(bad, "p"), Error);
  };
  refused([](PlanningResult& p) { p.candidates.clear(); });
  refused([](PlanningResult& p) { p.candidates.push_back(p.candidates[0]); });
  refused([](PlanningResult& p) { p.candidates[0].candidate.id = ""; });
  refused([](PlanningResult& p) { p.candidates[0].accuracy = {0.5, 0.6, 0.7}; });
  refused([](PlanningResult& p) { p.candidates[0].candidate.measured_items_per_s = 0; });
  refused([](PlanningResult& p) { p.candidates[0].beaten_by = "c2"; });
  refused([](PlanningResult& p) { p.chosen = "c2"; });
  refused([](PlanningResult& p) { p.calibration.reference = "c2"; });
  refused([](PlanningResult& p) { p.examples[0].predictions["c2"] = "cat"; });
}

}  // namespace
}  // namespace smol
