// The fast way through PNGs against libpng, and its row filters against the specification's own words.
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "make_picture.h"
#include "make_png.h"
#include "smol/media/libpng_decoder.h"
#include "smol/media/png_decoder.h"
#include "smol/media/png_unfilter.h"

namespace smol {
namespace {

using namespace smol::test;

std::string random_bytes(std::mt19937& random, size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(PngUnfilter, EqualsTheSpecification) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 3000; ++trial) {
    const int pixel_bytes = 1 + static_cast<int>(random() % 4);
    const size_t row_bytes = static_cast<size_t>(pixel_bytes) * (1 + random() % 70);
    const int count = 1 + static_cast<int>(random() % 6);
    const size_t stride = row_bytes + kPngRowPadding;
    std::string filtered = random_bytes(random, static_cast<size_t>(count) * (row_bytes + 1) + kPngRowPadding);
    const std::string above = random_bytes(random, stride);
    std::vector<uint8_t> fast(static_cast<size_t>(count) * stride), plain(fast.size());
    std::vector<FilteredRow> fast_rows, plain_rows;
    for (size_t y = 0; y < static_cast<size_t>(count); ++y) {
      char& filter = filtered[y * (row_bytes + 1)];
      filter = static_cast<char>(static_cast<uint8_t>(filter) % 5);
      const auto* row = reinterpret_cast<const uint8_t*>(&filter);
      fast_rows.push_back({row, fast.data() + y * stride});
      plain_rows.push_back({row, plain.data() + y * stride});
    }
    const auto* first_above = reinterpret_cast<const uint8_t*>(above.data());
    ASSERT_TRUE(png_unfilter(fast_rows.data(), count, first_above, row_bytes, pixel_bytes));
    ASSERT_TRUE(png_unfilter_plain(plain_rows.data(), count, first_above, row_bytes, pixel_bytes));
    for (size_t y = 0; y < static_cast<size_t>(count); ++y) {
      for (size_t i = 0; i < row_bytes; ++i) ASSERT_EQ(fast[y * stride + i], plain[y * stride + i]);
    }
  }
}

TEST(PngUnfilter, RefusesUnknownFilters) {
  const std::vector<uint8_t> filtered(20, 5);
  std::vector<uint8_t> pixels(20), above(20);
  const FilteredRow row{filtered.data(), pixels.data()};
  EXPECT_FALSE(png_unfilter(&row, 1, above.data(), 3, 3));
  EXPECT_FALSE(png_unfilter_plain(&row, 1, above.data(), 3, 3));
}

std::vector<std::byte> as_bytes(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// Any filtered bytes are a picture, so every row has a random filter; the data come in pieces of any length.
std::string random_png(std::mt19937& random, Size size, int colour_type, size_t piece_bytes, int level) {
  const size_t channels = colour_type == 2 ? 3 : colour_type == 4 ? 2 : colour_type == 6 ? 4 : 1;
  const size_t row_bytes = static_cast<size_t>(size.width) * channels;
  std::string rows;
  for (int y = 0; y < size.height; ++y) {
    rows += static_cast<char>(random() % 5);
    std::string row = random_bytes(random, row_bytes);
    if (y % 3 == 0) row.assign(row_bytes, static_cast<char>(random()));  // something to compress
    rows += row;
  }
  uLongf bytes = compressBound(rows.size());
  std::string data(bytes, '\0');
  compress2(reinterpret_cast<Bytef*>(data.data()), &bytes, reinterpret_cast<const Bytef*>(rows.data()), rows.size(),
            level);
  data.resize(bytes);

  std::string header;
  for (const int side : {size.width, size.height}) {
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(side >> shift);
  }
  header += {8, static_cast<char>(colour_type), 0, 0, 0};
  std::string png("\x89PNG\r\n\x1a\n", 8);
  png += encode_chunk({"IHDR", header});
  if (colour_type == 3) {
    png += encode_chunk({"PLTE", random_bytes(random, 768)});
    if (random() % 2 == 0) png += encode_chunk({"tRNS", random_bytes(random, 1 + random() % 256)});
  }
  png += encode_chunk({"tEXt", std::string("Comment\0hello", 13)});
  for (size_t begin = 0; begin < data.size(); begin += piece_bytes) {
    png += encode_chunk({"IDAT", data.substr(begin, piece_bytes)});
  }
  return png + encode_chunk({"IEND", ""});
}

template <typename Check>
void for_random_pngs(int count, Check check) {
  std::mt19937 random(7);
  for (int trial = 0; trial < count; ++trial) {
    const Size size{1 + static_cast<int>(random() % 90), 1 + static_cast<int>(random() % 70)};
    constexpr int kColourTypes[] = {0, 2, 3, 4, 6};
    constexpr size_t kPieces[] = {1, 7, 300, 8192};
    const int colour_type = kColourTypes[random() % 5];
    const int level = trial % 3 == 0 ? 0 : 6;  // 0: stored blocks
    SCOPED_TRACE("colour type " + std::to_string(colour_type) + ", trial " + std::to_string(trial));
    check(random, size, random_png(random, size, colour_type, kPieces[random() % 4], level));
  }
}

TEST(PngDecoder, EqualsLibpngWhateverTheFilters) {
  for_random_pngs(400, [](std::mt19937& random, Size size, const std::string& png) {
    const std::vector<std::byte> file = as_bytes(png);
    const auto fast = make_png_decoder();
    const auto libpng = make_libpng_decoder();
    for (int i = 0; i < 4; ++i) {
      DecodeSpec spec;
      if (i > 0) spec.region = random_rect(random, size);
      spec.read_to_end = i == 2;
      Image expected, actual;
      ASSERT_TRUE(decode_image(*libpng, file, spec, {}, expected).ok());
      ASSERT_TRUE(decode_image(*fast, file, spec, {}, actual).ok());
      ASSERT_TRUE(same_pixels(actual.view(), expected.view()));
    }
  });
}

TEST(PngDecoder, HasLibpngsVerdictOnDamage) {
  for_random_pngs(300, [](std::mt19937& random, Size, std::string png) {
    switch (random() % 3) {
      case 0: png.resize(png.size() * (random() % 100) / 100); break;
      case 1: png[random() % png.size()] ^= static_cast<char>(1 << random() % 8); break;
      default: png.insert(random() % png.size(), random_bytes(random, 1 + random() % 20));
    }
    const std::vector<std::byte> file = as_bytes(png);
    Image expected, actual;
    const auto said_by_libpng = decode_image(*make_libpng_decoder(), file, {}, {}, expected);
    const auto said = decode_image(*make_png_decoder(), file, {}, {}, actual);
    ASSERT_EQ(said.ok(), said_by_libpng.ok()) << (said.ok() ? said_by_libpng : said).error().message;
    if (said.ok()) {
      ASSERT_TRUE(same_pixels(actual.view(), expected.view()));
    } else {
      EXPECT_EQ(said.error().code, said_by_libpng.error().code);
    }
  });
}

TEST(PngDecoder, TakesWhatLibpngTakesBehindThePixels) {
  std::mt19937 random(2);
  std::string png = random_png(random, {20, 30}, 2, 100000, 6);
  png.insert(png.size() - 12, encode_chunk({"IDAT", "more"}));  // in front of IEND
  const std::vector<std::byte> file = as_bytes(png);
  Image expected, actual;
  const bool libpng_takes_it = decode_image(*make_libpng_decoder(), file, {}, {}, expected).ok();
  ASSERT_TRUE(libpng_takes_it);
  ASSERT_TRUE(decode_image(*make_png_decoder(), file, {}, {}, actual).ok());
  ASSERT_TRUE(same_pixels(actual.view(), expected.view()));
}

// Checksums in order, but compressed data that end early, go on, or do not inflate.
TEST(PngDecoder, HasLibpngsVerdictOnBadData) {
  for_random_pngs(300, [](std::mt19937& random, Size size, const std::string&) {
    const Size other{size.height + static_cast<int>(random() % 3) - 1, size.width};
    if (other.height < 1) return;
    std::string png = random_png(random, other, 2, 100000, 6);
    // The header of another height, with the right checksum.
    const std::string right = random_png(random, size, 2, 100000, 6);
    png.replace(0, 33, right.substr(0, 33));
    const std::vector<std::byte> file = as_bytes(png);
    Image expected, actual;
    const auto said_by_libpng = decode_image(*make_libpng_decoder(), file, {}, {}, expected);
    const auto said = decode_image(*make_png_decoder(), file, {}, {}, actual);
    ASSERT_EQ(said.ok(), other == size);
    ASSERT_EQ(said.ok(), said_by_libpng.ok());
    if (!said.ok()) {
      EXPECT_EQ(said.error().code, said_by_libpng.error().code);
    }
  });
}

}  // namespace
}  // namespace smol
