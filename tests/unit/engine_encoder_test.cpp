// The text formats byte for byte. What readers make of them, and of Parquet: tests/python/test_row_formats.py.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"

namespace smol {
namespace {

std::string encode(RowFormat format, const RowSchema& schema, const std::vector<Row>& rows) {
  const std::vector<std::byte> bytes = make_chunk_encoder(format, schema)->encode(rows);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

RowSchema top_2() {
  RowSchema schema;
  schema.topk = 2;
  schema.labels = {"tench", "a \"shark\", white"};
  schema.plan_id = "p1";
  return schema;
}

Row ok_row() {
  Row row;
  row.item = 7;
  row.id = "a/b.jpg";
  row.path = "photos/a/b.jpg";
  row.ok = true;
  row.width = 500;
  row.height = 375;
  row.classes = {1, 0};
  row.values = {0.1f, 1e-8f};
  return row;
}

Row error_row() {
  Row row;
  row.item = 8;
  row.id = "caf\xE9\n\x01,\"x\".jpg";
  row.path = row.id;
  row.error_code = ItemErrorCode::kTruncated;
  row.error = "the data end early";
  return row;
}

TEST(JsonlEncoder, WritesEveryColumnInEveryLine) {
  EXPECT_EQ(
      encode(RowFormat::kJsonl, top_2(), {ok_row(), error_row()}),
      R"({"item":7,"id":"a/b.jpg","path":"photos/a/b.jpg","rendition":"full","status":"ok","error_code":null,)"
      R"("error":null,"width":500,"height":375,"class_1":1,"label_1":"a \"shark\", white","score_1":0.1,)"
      R"("class_2":0,"label_2":"tench","score_2":1e-08,"plan_id":"p1"})"
      "\n"
      R"({"item":8,"id":"caf\\xE9\n\u0001,\"x\".jpg","path":"caf\\xE9\n\u0001,\"x\".jpg","rendition":"full",)"
      R"("status":"error","error_code":"truncated","error":"the data end early","width":null,"height":null,)"
      R"("class_1":null,"label_1":null,"score_1":null,"class_2":null,"label_2":null,"score_2":null,"plan_id":"p1"})"
      "\n");
}

TEST(CsvEncoder, QuotesAsRfc4180) {
  EXPECT_EQ(
      encode(RowFormat::kCsv, top_2(), {ok_row(), error_row()}),
      "item,id,path,rendition,status,error_code,error,width,height,class_1,label_1,score_1,class_2,label_2,score_2,"
      "plan_id\n"
      "7,a/b.jpg,photos/a/b.jpg,full,ok,,,500,375,1,\"a \"\"shark\"\", white\",0.1,0,tench,1e-08,p1\n"
      "8,\"caf\\xE9\n\x01,\"\"x\"\".jpg\",\"caf\\xE9\n\x01,\"\"x\"\".jpg\",full,error,truncated,the data end early,"
      ",,,,,,,,p1\n");
}

TEST(TextEncoders, WriteNumbersThatAreNoneAsNull) {
  RowSchema schema;
  schema.output = RowOutput::kLogits;
  schema.output_elements = 4;
  Row row = ok_row();
  row.values = {1.5f, std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), -0.0f};
  EXPECT_NE(encode(RowFormat::kJsonl, schema, {row}).find("\"logits\":[1.5,null,null,-0],\"plan_id\":\"\""),
            std::string::npos);
  EXPECT_NE(encode(RowFormat::kCsv, schema, {row}).find(",\"[1.5,null,null,-0]\",\"\"\n"), std::string::npos);
}

TEST(TextEncoders, WriteFloatsThatReadBackAsTheSame) {
  RowSchema schema;
  schema.output = RowOutput::kEmbedding;
  schema.output_elements = 1;
  uint32_t bits = 1;
  for (int i = 0; i < 2000; ++i) {
    bits = bits * 1664525 + 1013904223;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    Row row = ok_row();
    row.values = {value};
    const std::string line = encode(RowFormat::kJsonl, schema, {row});
    const size_t begin = line.find("\"embedding\":[") + 13;
    EXPECT_EQ(std::strtof(line.c_str() + begin, nullptr), value) << line;
  }
}

TEST(Encoders, GiveTheSameBytesForTheSameRows) {
  for (const RowFormat format : {RowFormat::kParquet, RowFormat::kJsonl, RowFormat::kCsv}) {
    const auto encoder = make_chunk_encoder(format, top_2());
    const std::vector<Row> rows = {ok_row(), error_row()};
    const auto first = encoder->encode(rows);
    encoder->encode({rows.data(), 1});
    EXPECT_EQ(encoder->encode(rows), first) << encoder->extension();
    EXPECT_EQ(make_chunk_encoder(format, top_2())->encode(rows), first) << encoder->extension();
  }
}

TEST(Encoders, LeaveRanksBeyondTheClassesNull) {
  Row row = ok_row();
  row.classes = {5};  // beyond the labels, too
  row.values = {0.5f};
  EXPECT_NE(encode(RowFormat::kCsv, top_2(), {row}).find(",375,5,,0.5,,,,p1\n"), std::string::npos);
}

TEST(Encoders, RefuseRowsThatDoNotFitTheSchema) {
  Row row = ok_row();
  row.values.pop_back();
  EXPECT_THROW(encode(RowFormat::kCsv, top_2(), {row}), Error);
  RowSchema schema;
  schema.output = RowOutput::kLogits;
  schema.output_elements = 3;
  for (const RowFormat format : {RowFormat::kParquet, RowFormat::kJsonl, RowFormat::kCsv}) {
    EXPECT_THROW(encode(format, schema, {row}), Error);
  }
}

}  // namespace
}  // namespace smol
