// Damaged and hostile PNGs give an error with the right code; oddities that do not touch the pixels give the picture.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "make_exif.h"
#include "make_picture.h"
#include "make_png.h"
#include "smol/media/decoder.h"

namespace smol {
namespace {

using namespace smol::test;

Status try_everything(DecoderSet& decoders, std::span<const std::byte> bytes, Image& picture) {
  const auto decoder = decoders.decoder_for(bytes);
  if (!decoder.ok()) return decoder.error();
  const auto info = (*decoder)->inspect(bytes);
  if (info.ok() && info->stored.pixels() < 1'000'000) {
    const Size size = info->stored;
    const Rect middle{size.height / 3, size.width / 3, size.height / 3 * 2 + 1, size.width / 3 * 2 + 1};
    (void)decode_image(**decoder, bytes, {.region = middle}, {}, picture);
  }
  const auto geometry = decode_image(**decoder, bytes, {}, {.max_pixels = 1'000'000}, picture);
  if (!geometry.ok()) return geometry.error();
  return ok_status();
}

std::vector<PngRecipe> recipes(Size size) {
  return {{.size = size, .in_front = {{"tEXt", "Comment\0text"}}, .behind = {{"eXIf", make_orientation_exif(6)}}},
          {.size = size, .colour_type = 3, .depth = 4, .transparency = true},
          {.size = size, .colour_type = 0, .depth = 16, .transparency = true},
          {.size = size, .colour_type = 6, .interlaced = true}};
}

TEST(DamagedPng, TruncatedAnywhereIsTruncated) {
  DecoderSet decoders;
  Image picture;
  for (const PngRecipe& recipe : recipes({9, 11})) {
    const auto file = make_png(recipe).file;
    for (size_t length = 0; length < file.size(); ++length) {
      const Status status = try_everything(decoders, std::span(file).first(length), picture);
      ASSERT_FALSE(status.ok()) << length;
      const ItemErrorCode expected = length == 0  ? ItemErrorCode::kEmptyFile
                                     : length < 8 ? ItemErrorCode::kUnknownFormat
                                                  : ItemErrorCode::kTruncated;
      EXPECT_EQ(status.error().code, expected) << length << ": " << status.error().message;
    }
  }
}

// Every chunk has a checksum, so no single flipped bit may go unnoticed.
TEST(DamagedPng, EveryFlippedBitIsAnError) {
  DecoderSet decoders;
  Image picture;
  for (const PngRecipe& recipe : recipes({9, 11})) {
    const auto [file, expected] = make_png(recipe);
    for (size_t bit = 0; bit < file.size() * 8; ++bit) {
      auto damaged = file;
      damaged[bit / 8] ^= std::byte{1} << bit % 8;
      ASSERT_FALSE(try_everything(decoders, damaged, picture).ok()) << "byte " << bit / 8 << " bit " << bit % 8;
    }
    ASSERT_TRUE(try_everything(decoders, file, picture).ok()) << "the decoder is as good as new";
    EXPECT_TRUE(same_pixels(picture.view(), expected.view()));
  }
}

TEST(DamagedPng, OddAncillaryChunksAreHarmless) {
  using namespace std::string_literals;
  const std::string garbage = "\1\2\3 not what belongs here";
  DecoderSet decoders;
  for (const PngChunk& chunk :
       {PngChunk{"iCCP", garbage}, PngChunk{"iCCP", "profile\0\0"s + garbage}, PngChunk{"sRGB", "\7"s},
        PngChunk{"gAMA", "\0\0\0\0"s}, PngChunk{"cHRM", garbage}, PngChunk{"sBIT", garbage},
        PngChunk{"tIME", garbage}, PngChunk{"zTXt", "k\0\0"s + garbage}, PngChunk{"iTXt", garbage},
        PngChunk{"pHYs", garbage}, PngChunk{"eXIf", garbage}, PngChunk{"bKGD", garbage}, PngChunk{"hIST", garbage},
        PngChunk{"xyZt", garbage}}) {
    const auto [file, expected] = make_png({.in_front = {chunk, chunk}});
    Image picture;
    const Status status = try_everything(decoders, file, picture);
    ASSERT_TRUE(status.ok()) << chunk.type << ": " << status.error().message;
    EXPECT_TRUE(same_pixels(picture.view(), expected.view())) << chunk.type;
  }
}

TEST(DamagedPng, OddChunksThatPixelsDependOnAreErrors) {
  DecoderSet decoders;
  Image picture;
  for (const PngChunk& chunk :
       {PngChunk{"tRNS", "too long for a colour key"}, PngChunk{"PLTE", "four"}, PngChunk{"IHDR", "again"},
        PngChunk{"ABCD", "critical, unknown"}, PngChunk{"tEXt", "damaged", true}}) {
    const Status status = try_everything(decoders, make_png({.in_front = {chunk}}).file, picture);
    ASSERT_FALSE(status.ok()) << chunk.type;
    EXPECT_EQ(status.error().code, ItemErrorCode::kCorrupt) << chunk.type;
  }
}

// The most memory that `work` holds at once, in a process of its own: a peak never goes down again. `work` says
// whether all went as it should.
template <typename Work>
long peak_memory_kb(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  return usage.ru_maxrss;
}

TEST(DamagedPng, CompressedChunksAreNotInflated) {
  using namespace std::string_literals;
  const std::string bomb = deflated_zeros(200'000'000);
  DecoderSet decoders;
  for (const PngChunk& chunk : {PngChunk{"iCCP", "profile\0\0"s + bomb}, PngChunk{"zTXt", "key\0\0"s + bomb},
                                PngChunk{"iTXt", "key\0\1\0\0\0"s + bomb}}) {
    const auto [file, expected] = make_png({.in_front = {chunk}, .behind = {chunk}});
    const long peak = peak_memory_kb([&] {
      Image picture;
      return try_everything(decoders, file, picture).ok() && same_pixels(picture.view(), expected.view());
    });
    EXPECT_LT(peak - peak_memory_kb([] { return true; }), 20'000) << chunk.type;
  }
}

std::vector<std::byte> png_with_header(uint32_t width, uint32_t height, char interlace, const std::string& pixels) {
  using namespace std::string_literals;
  const std::string header = number32(width, true) + number32(height, true) + "\x08\x02\0\0"s + interlace;
  const std::string file = "\x89PNG\r\n\x1a\n"s + encode_chunk({"IHDR", header}) + encode_chunk({"IDAT", pixels}) +
                           encode_chunk({"IEND", ""});
  const auto* first = reinterpret_cast<const std::byte*>(file.data());
  return {first, first + file.size()};
}

ItemErrorCode decode_error(const std::vector<std::byte>& file) {
  DecoderSet decoders;
  Image picture;
  const auto geometry = decode_image(**decoders.decoder_for(file), file, {}, {}, picture);
  EXPECT_FALSE(geometry.ok());
  return geometry.ok() ? ItemErrorCode::kInferenceFailed : geometry.error().code;
}

TEST(DamagedPng, HugeHeadersAreRefused) {
  const std::string some = deflated_zeros(1000);
  EXPECT_EQ(decode_error(png_with_header(65535, 65535, 0, some)), ItemErrorCode::kTooManyPixels);
  EXPECT_EQ(decode_error(png_with_header(0x7fffffff, 0x7fffffff, 1, some)), ItemErrorCode::kTooManyPixels);
  EXPECT_EQ(decode_error(png_with_header(100'000'000, 1, 0, some)), ItemErrorCode::kTooManyPixels);
  EXPECT_EQ(decode_error(png_with_header(0xffffffff, 1, 0, some)), ItemErrorCode::kCorrupt);
  EXPECT_EQ(decode_error(png_with_header(0, 5, 0, some)), ItemErrorCode::kCorrupt);
}

TEST(DamagedPng, TooFewOrTooManyPixelsAreErrors) {
  const long peak = peak_memory_kb([] {
    return decode_error(png_with_header(10'000, 10'000, 0, deflated_zeros(1000))) == ItemErrorCode::kCorrupt &&
           decode_error(png_with_header(10'000, 10'000, 1, deflated_zeros(1000))) == ItemErrorCode::kCorrupt &&
           decode_error(png_with_header(1, 1, 0, deflated_zeros(200'000'000))) == ItemErrorCode::kCorrupt;
  });
  EXPECT_LT(peak - peak_memory_kb([] { return true; }), 100'000);
}

}  // namespace
}  // namespace smol
