// Formats are told by their first bytes, and by nothing less than those.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "smol/media/decoder.h"

namespace smol {
namespace {

using namespace std::string_literals;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string ftyp(const std::string& brands) {
  return "\0\0\0"s + static_cast<char>(8 + brands.size()) + "ftyp" + brands;
}

struct Sample {
  std::string bytes;
  ImageFormat format;
};

std::vector<Sample> samples() {
  return {{"\xff\xd8\xff\xe0"s, ImageFormat::kJpeg},
          {"\x89PNG\r\n\x1a\n"s, ImageFormat::kPng},
          {"RIFF\1\2\3\4WEBPVP8 "s, ImageFormat::kWebp},
          {ftyp("heic\0\0\0\0mif1heic"s), ImageFormat::kHeif},
          {ftyp("mif1\0\0\0\0mif1heic"s), ImageFormat::kHeif},
          {ftyp("avif\0\0\0\0mif1miaf"s), ImageFormat::kAvif},
          {ftyp("mif1\0\0\0\0mif1avif"s), ImageFormat::kAvif},
          {"\0\0\0\x0cjP  \r\n\x87\n"s, ImageFormat::kJpeg2000},
          {"\xff\x4f\xff\x51"s, ImageFormat::kJpeg2000},
          {"\xff\x0a"s, ImageFormat::kJpegXl},
          {"\0\0\0\x0cJXL \r\n\x87\n"s, ImageFormat::kJpegXl},
          {"II\x2a\0"s, ImageFormat::kTiff},
          {"MM\0\x2a"s, ImageFormat::kTiff},
          {"II\x2b\0"s, ImageFormat::kTiff},
          {"GIF89a"s, ImageFormat::kGif},
          {"GIF87a"s, ImageFormat::kGif},
          {"BM\1\2\3\4\0\0\0\0\x36\0\0\0\x28\0\0\0"s, ImageFormat::kBmp},
          {"P6\n"s, ImageFormat::kPnm},
          {"P1 "s, ImageFormat::kPnm},
          {"P5#"s, ImageFormat::kPnm}};
}

TEST(DetectFormat, KnowsEachByItsFirstBytes) {
  for (const Sample& sample : samples()) {
    for (const std::string& tail : {""s, "more bytes behind it"s}) {
      const auto format = detect_format(bytes_of(sample.bytes + tail));
      ASSERT_TRUE(format.ok()) << name(sample.format);
      EXPECT_EQ(*format, sample.format) << name(sample.format);
    }
  }
}

TEST(DetectFormat, RefusesEveryPrefixOfASignature) {
  for (const std::string& signature :
       {"\xff\xd8\xff"s, "\x89PNG\r\n\x1a\n"s, "RIFF\1\2\3\4WEBP"s, "\0\0\0\x0cjP  \r\n\x87\n"s, "II\x2a\0"s,
        "GIF89a"s, ftyp("avif"s), "BM\1\2\3\4\0\0\0\0\x36\0\0\0\x28\0\0\0"s, "P6\n"s}) {
    for (size_t length = 1; length < signature.size(); ++length) {
      const auto format = detect_format(bytes_of(signature.substr(0, length)));
      ASSERT_FALSE(format.ok()) << signature << " " << length;
      EXPECT_EQ(format.error().code, ItemErrorCode::kUnknownFormat);
    }
  }
}

TEST(DetectFormat, RefusesWhatOnlyLooksAlike) {
  for (const std::string& text :
       {"Plain text with a P in front"s, "P8\n"s, "BMW is a make of cars, this is prose"s, "\xff\xd9\xff"s,
        "RIFF\1\2\3\4WAVEfmt "s, ftyp("isom\0\0\2\0mp41"s), "IInteresting"s, "\0"s, "<svg xmlns="s}) {
    EXPECT_FALSE(detect_format(bytes_of(text)).ok()) << text;
  }
  EXPECT_EQ(detect_format({}).error().code, ItemErrorCode::kEmptyFile);
}

TEST(DecoderSet, GivesOneDecoderAFormat) {
  DecoderSet decoders;
  for (const Sample& sample : samples()) {
    const auto decoder = decoders.decoder_for(bytes_of(sample.bytes));
    ASSERT_TRUE(decoder.ok());
    EXPECT_EQ(*decoder, *decoders.decoder_for(bytes_of(sample.bytes))) << "one object a format";
  }
  EXPECT_EQ(decoders.decoder_for({}).error().code, ItemErrorCode::kEmptyFile);
  EXPECT_EQ(decoders.decoder_for(bytes_of("hello")).error().code, ItemErrorCode::kUnknownFormat);
}

}  // namespace
}  // namespace smol
