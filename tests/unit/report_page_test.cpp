#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "smol/report/base64.h"
#include "smol/report/html_page.h"
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

TEST(ReportDocument, HasAPictureOrAReasonForEachExample) {
  const auto plan = nlohmann::ordered_json::parse(R"({"smol_plan": 2, "id": "7", "planning": {
    "chosen": "c1", "candidates": [{"id": "c1", "model": "m", "rendition": "thumb"}],
    "examples": [{"id": "a", "image": "a.jpg"}, {"id": "b", "image": "b.jpg"}, {"id": "c"}]}})");
  const std::vector<ExamplePicture> pictures = {{SmallPicture{"data:x", {30, 40}}, ""}, {std::nullopt, "gone"}};
  const auto document = report_document(plan, nullptr, {"plan.json"}, pictures);
  EXPECT_EQ(document["title"], "m on thumb");
  EXPECT_EQ(document["plan"], nlohmann::ordered_json::parse(R"({"smol_plan": 2, "id": "7"})"));
  EXPECT_FALSE(document["planning"].contains("examples"));
  EXPECT_TRUE(document["run"].is_null());
  EXPECT_EQ(document["examples"], nlohmann::ordered_json::parse(R"([
    {"id": "a", "image": "data:x", "width": 40, "height": 30}, {"id": "b", "why": "gone"}])"));
}

}  // namespace
}  // namespace smol
