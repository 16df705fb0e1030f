// Damaged BMP, GIF and PNM files: any flipped bit and any cut is at worst an error; limits hold before memory is
// taken.
#include <gtest/gtest.h>

#include "make_picture.h"
#include "smol/media/decoder.h"

namespace smol {
namespace {

using namespace smol::test;
using namespace std::string_literals;

// 2 x 2 pixels, codes clear 1 1 1 1 end of a 2-bit palette.
std::string gif() {
  const std::string screen = "GIF89a\2\0\2\0\x81\0\0"s;
  const std::string palette = "\0\0\0\xff\0\0\0\xff\0\0\0\xff"s;
  const std::string control = "!\xf9\4\1\0\0\2\0"s;
  return screen + palette + control + ",\0\0\0\0\2\0\2\0\0\2\3\x4c\x12\5\0;"s;
}

std::string bmp(char bits, int rows, const std::string& palette, const std::string& pixels) {
  const auto offset = static_cast<char>(54 + palette.size());
  std::string file = "BM\0\0\0\0\0\0\0\0"s + offset + "\0\0\0\x28\0\0\0\3\0\0\0"s;
  for (int i = 0; i < 4; ++i) file += static_cast<char>(static_cast<uint32_t>(rows) >> (8 * i));
  return file + "\1\0"s + bits + std::string(25, '\0') + palette + pixels;
}

std::vector<std::string> files() {
  const std::string row = "\x7c\1\2\3\4\5\6\7\x30\x1f\xe0\xff"s;
  return {gif(),
          bmp(24, 2, "", row + row),
          bmp(24, -2, "", row + row),
          bmp(32, 2, "", row + row),
          bmp(16, -3, "", row + row),
          bmp(1, 2, std::string(8, '\x22'), row.substr(0, 8)),
          bmp(4, 2, std::string(64, '\x22'), row.substr(0, 8)),
          "P1\n3 2\n101 0 1 1\n",
          "P2\n# text\n3 2\n15\n1 2 3 4 5 15\n",
          "P3 1 2 255\n1 2 3 4 5 255\n",
          "P4\n9 2\n\x55\x80\x77\x7f"s,
          "P5 3 2 255\nabcdef",
          "P6 1 2 65535\nabcdefghijkl",
          "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcdefgh"};
}

std::span<const std::byte> bytes_of(const std::string& file) { return std::as_bytes(std::span(file)); }

Status decode(const std::string& file, const DecodeSpec& spec, Image& picture) {
  DecoderSet decoders;
  const auto decoder = decoders.decoder_for(bytes_of(file));
  if (!decoder.ok()) return decoder.error();
  const auto geometry = decode_image(**decoder, bytes_of(file), spec, {.max_pixels = 1'000'000}, picture);
  if (!geometry.ok()) return geometry.error();
  return ok_status();
}

TEST(DamagedSimpleFormats, TheFilesAreGoodBeforeTheyAreDamaged) {
  Image picture;
  for (const std::string& file : files()) {
    const Status status = decode(file, {}, picture);
    EXPECT_TRUE(status.ok()) << testing::PrintToString(file) << status.error().message;
  }
}

TEST(DamagedSimpleFormats, TopDownIsTheOtherWayRound) {
  const std::string a(12, 'a'), b(12, 'b');
  Image up, down;
  ASSERT_TRUE(decode(bmp(24, 2, "", a + b), {}, up).ok());
  ASSERT_TRUE(decode(bmp(24, -2, "", b + a), {}, down).ok());
  EXPECT_TRUE(same_pixels(std::as_const(up).view(), std::as_const(down).view()));
  EXPECT_EQ(up.view().data[0], 'b');
}

TEST(DamagedSimpleFormats, SixteenBitsAreFiveAChannel) {
  Image picture;
  ASSERT_TRUE(decode(bmp(16, 1, "", "\x00\x7c\xe0\x03\x1f\x00\0\0"s), {}, picture).ok());
  const uint8_t expected[] = {255, 0, 0, 0, 255, 0, 0, 0, 255};
  EXPECT_TRUE(std::equal(std::begin(expected), std::end(expected), picture.view().data));
}

TEST(DamagedSimpleFormats, CutFilesAreErrors) {
  Image picture;
  for (const std::string& file : files()) {
    const bool text = file[0] == 'P' && file[1] < '4';
    const bool is_gif = file[0] == 'G';
    // The newline behind the last number and its last digit cannot be missed, nor the trailer and the end of a GIF.
    const size_t needed = file.size() - (text ? 3 : is_gif ? 2 : 0);
    for (size_t length = 0; length < needed; ++length) {
      const Status status = decode(file.substr(0, length), {}, picture);
      EXPECT_FALSE(status.ok()) << length << " of " << testing::PrintToString(file);
    }
  }
}

TEST(DamagedSimpleFormats, FlippedBitsDoNotHarm) {
  Image picture;
  for (const std::string& file : files()) {
    for (size_t bit = 0; bit < file.size() * 8; ++bit) {
      std::string damaged = file;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
      (void)decode(damaged, {}, picture);
    }
  }
}

TEST(DamagedSimpleFormats, HugeHeadersAreRefused) {
  Image picture;
  for (const std::string& file :
       {"P6 60000 60000 255\nabc"s, "P1 60000 60000\n1"s, bmp(24, 0x7fffffff, "", "abc"),
        "GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\x80\0\0\0\xff\xff\xff\2\0"s}) {
    const Status status = decode(file, {}, picture);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ItemErrorCode::kTooManyPixels) << status.error().message;
  }
}

}  // namespace
}  // namespace smol
