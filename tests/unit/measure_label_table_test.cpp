// labels.csv: what is written is read, whatever the quoting; everything else is refused in one line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "smol/base/error.h"
#include "smol/measure/item_labels.h"
#include "smol/measure/label_table.h"

namespace smol {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
  try {
    const LabelTable table(text, "labels.csv");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "accepted";
}

std::string csv_field(const std::string& field) {
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

TEST(LabelTable, ReadsColumnsInAnyOrderAndLeavesOthersAlone) {
  const LabelTable table("group,note,label,id\nx,hm,7,a.jpg\n,\"1, 2\",tree frog| bullfrog,b.jpg\n", "labels.csv");
  ASSERT_EQ(table.rows().size(), 2);
  EXPECT_EQ(table.find("a.jpg")->group, "x");
  EXPECT_THAT(table.find("b.jpg")->labels, ElementsAre("tree frog", "bullfrog"));
  EXPECT_EQ(table.find("c.jpg"), nullptr);
}

TEST(LabelTable, TakesByteOrderMarkCarriageReturnsEmptyLinesAndNoLastLineEnd) {
  const LabelTable table("\xEF\xBB\xBFid,label\r\na,1\r\n\r\nb,\"2\"", "labels.csv");
  EXPECT_THAT(table.find("a")->labels, ElementsAre("1"));
  EXPECT_THAT(table.find("b")->labels, ElementsAre("2"));
  EXPECT_FALSE(table.has_groups());
}

TEST(LabelTable, RefusesAndNamesTheRecord) {
  EXPECT_THAT(refusal(""), HasSubstr("id,label"));
  EXPECT_THAT(refusal("id,class\na,1\n"), HasSubstr("there is no label"));
  EXPECT_THAT(refusal("id,label,id\na,1,b\n"), HasSubstr("two columns"));
  EXPECT_THAT(refusal("id,label\n"), HasSubstr("holds no label"));
  EXPECT_THAT(refusal("id,label\na,1\nb\n"), HasSubstr("record 3: 1 fields"));
  EXPECT_THAT(refusal("id,label\na,b,1\n"), HasSubstr("record 2: 3 fields"));
  EXPECT_THAT(refusal("id,label\n,1\n"), HasSubstr("record 2: the id is empty"));
  EXPECT_THAT(refusal("id,label\na,\n"), HasSubstr("a label is empty"));
  EXPECT_THAT(refusal("id,label\na,1|\n"), HasSubstr("a label is empty"));
  EXPECT_THAT(refusal("id,label\na,1\nb,1\na,2\n"), HasSubstr("record 4: already in record 2"));
  EXPECT_THAT(refusal("id,label\na,\"1\n"), HasSubstr("a quote is not closed"));
  EXPECT_THAT(refusal("id,label\n\"a\r\nb\",1\n\"a\r\nb\",1\n"), EndsWith("separated by |: a  b"));
}

RC_GTEST_PROP(LabelTable, WhatIsWrittenIsRead, ()) {
  // Label texts are trimmed and hold no separator; ids are any text that is not empty.
  const auto ids = *rc::gen::unique<std::vector<std::string>>(rc::gen::nonEmpty<std::string>());
  RC_PRE(!ids.empty());
  const auto label =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab7\",\n\r"))));
  std::string text = *rc::gen::arbitrary<bool>() ? "id,label,group\n" : "\xEF\xBB\xBFid,label,group\r\n";
  std::vector<std::string> labels;
  for (const std::string& id : ids) {
    labels.push_back(*label);
    text += csv_field(id) + "," + csv_field(labels.back()) + "|x," + (*rc::gen::arbitrary<bool>() ? "\n" : "\r\n");
    // The separator stands behind the closing quote: a field may go on there.
  }
  const LabelTable table(text, "labels.csv");
  RC_ASSERT(table.rows().size() == ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    RC_ASSERT(table.rows()[i].id == ids[i]);
    RC_ASSERT(table.rows()[i].labels == (std::vector<std::string>{labels[i], "x"}));
  }
}

RC_GTEST_PROP(LabelTable, AnyTextIsReadOrRefusedInOneLine, ()) {
  const auto body = *rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("a1|,\"\n\r \xEF\xBB\xBF")), rc::gen::arbitrary<char>()));
  const std::string text = (*rc::gen::arbitrary<bool>() ? "id,label\n" : "") + body;
  try {
    const LabelTable table(text, "labels.csv");
    std::set<std::string> ids;
    for (const LabelRow& row : table.rows()) {
      RC_ASSERT(!row.id.empty() && !row.labels.empty());
      RC_ASSERT(ids.insert(row.id).second);
    }
  } catch (const Error& error) {
    RC_ASSERT(std::string(error.what()).starts_with("labels.csv: "));
    RC_ASSERT(std::string(error.what()).find_first_of("\n\r") == std::string::npos);
  }
}

TEST(RightClasses, AreIndicesOrNames) {
  const std::vector<std::string> names = {"cat", "crane", "dog", "crane"};
  EXPECT_THAT(right_classes({"a", {"dog", "0", "2"}, "", 2}, "f", names, 4), ElementsAre(0, 2));
  for (const std::string label : {"4", "99999999999", "bird", "crane", "Dog"}) {
    EXPECT_THROW(right_classes({"a", {label}, "", 2}, "f", names, 4), Error) << label;
  }
  EXPECT_THROW(right_classes({"a", {"cat"}, "", 2}, "f", {}, 4), Error);
}

TEST(TrueNumber, IsOneFiniteNumber) {
  EXPECT_EQ(true_number({"a", {"-2.5"}, "", 2}, "f"), -2.5);
  for (const std::string label : {"two", "2x", "nan", "inf", ""}) {
    EXPECT_THROW(true_number({"a", {label}, "", 2}, "f"), Error) << label;
  }
  EXPECT_THROW(true_number({"a", {"1", "2"}, "", 2}, "f"), Error);
}

TEST(LabelsFromFolders, TakeTheFirstFolder) {
  const LabelTable table = labels_from_folders({"cat/1.jpg", "dog|wolf/old/2.jpg"});
  EXPECT_THAT(table.find("cat/1.jpg")->labels, ElementsAre("cat"));
  EXPECT_THAT(table.find("dog|wolf/old/2.jpg")->labels, ElementsAre("dog|wolf"));
  EXPECT_THROW(labels_from_folders({"1.jpg"}), Error);
  EXPECT_THROW(labels_from_folders({"/1.jpg"}), Error);
}

}  // namespace
}  // namespace smol
