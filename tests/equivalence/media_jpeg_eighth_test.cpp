// Baseline JPEGs at 1/8 with their AC coefficients skipped: the bits of libjpeg-turbo's decode, of sound files and of
// damaged ones, and the same verdict.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>

#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/jpeg_decoder.h"
#include "smol/media/jpeg_eighth.h"
#include "smol/media/jpeg_library.h"

namespace smol {
namespace {

using namespace smol::test;

const DecodeSpec kEighth{.scale_denominator = 8};

int from_to(std::mt19937& random, int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

JpegRecipe random_recipe(std::mt19937& random) {
  JpegRecipe recipe;
  const bool large = from_to(random, 0, 9) == 0;
  recipe.size = {from_to(random, 1, large ? 700 : 100), from_to(random, 1, large ? 700 : 100)};
  recipe.colour = from_to(random, 0, 3) == 0 ? JpegColour::kGrey : JpegColour::kYcbcr;
  recipe.horizontal = from_to(random, 1, 2);
  recipe.vertical = from_to(random, 1, 2);
  recipe.quality = from_to(random, 0, 2) == 0 ? 100 : from_to(random, 1, 99);
  recipe.restart_interval = from_to(random, 0, 2) == 0 ? from_to(random, 1, 20) : 0;
  return recipe;
}

// Noise fills all 63 coefficients and uses the longest codes; a flat picture uses hardly any.
Image random_picture(const JpegRecipe& recipe, std::mt19937& random) {
  const int channels = recipe.colour == JpegColour::kGrey ? 1 : 3;
  Image picture;
  picture.resize(recipe.size, channels);
  const int spread = std::array{0, 3, 40, 255}[static_cast<size_t>(from_to(random, 0, 3))];
  for (int y = 0; y < recipe.size.height; ++y) {
    for (int x = 0; x < recipe.size.width * channels; ++x) {
      const int smooth = static_cast<int>(100 + 80 * std::sin(0.05 * x) * std::cos(0.07 * y));
      picture.view().row(y)[x] = static_cast<uint8_t>(std::clamp(smooth + from_to(random, -spread, spread), 0, 255));
    }
  }
  return picture;
}

std::vector<std::byte> random_jpeg(const JpegRecipe& recipe, std::mt19937& random) {
  const Image picture = random_picture(recipe, random);
  return encode_jpeg(picture.view(), recipe);
}
std::vector<std::byte> random_jpeg(std::mt19937& random) { return random_jpeg(random_recipe(random), random); }

// Whether the fast way reads the file to its end by itself.
bool skips_all(std::span<const std::byte> jpeg) {
  JpegLibrary library;
  if (!library.start(jpeg, 100)) return false;
  jpeg_decompress_struct& info = library.info();
  info.scale_denom = 8;
  jpeg_calc_output_dimensions(&info);
  JpegEighth eighth;
  const Rect whole{0, 0, static_cast<int>(info.output_height), static_cast<int>(info.output_width)};
  if (!eighth.start(info, whole, true)) return false;
  for (int row = 0; row < whole.bottom;) {
    const std::optional<Strip> strip = eighth.next_strip();
    if (!strip) return false;
    row += strip->rgb.size.height;
  }
  return true;
}

// The library's decode, unless it fails or warns.
Result<Image> library_decode(std::span<const std::byte> jpeg) {
  JpegLibrary library;
  if (!library.start(jpeg, 100)) return library.error();
  jpeg_decompress_struct& info = library.info();
  info.scale_denom = 8;
  info.out_color_space = JCS_RGB;
  if (!library.guarded([&] { jpeg_start_decompress(&info); })) return library.error();
  Image picture;
  picture.resize({static_cast<int>(info.output_height), static_cast<int>(info.output_width)}, 3);
  const bool ok = library.guarded([&] {
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = picture.view().row(static_cast<int>(info.output_scanline));
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  });
  if (!ok) return library.error();
  return picture;
}

bool equal(const Image& a, const Image& b) {
  if (a.size() != b.size()) return false;
  for (int y = 0; y < a.size().height; ++y) {
    if (!std::equal(a.view().row(y), a.view().row(y) + a.size().width * 3, b.view().row(y))) return false;
  }
  return true;
}

bool equals_part(const Image& part, const Image& whole, const Rect& covers) {
  for (int y = 0; y < part.size().height; ++y) {
    const uint8_t* expected = whole.view().row(covers.top / 8 + y) + covers.left / 8 * 3;
    if (!std::equal(expected, expected + part.size().width * 3, part.view().row(y))) return false;
  }
  return true;
}

// The library's pixels, or its error. Returns whether it decodes.
bool expect_as_by_the_library(Decoder& decoder, std::span<const std::byte> jpeg) {
  const Result<Image> expected = library_decode(jpeg);
  Image picture;
  const auto decoded = decode_image(decoder, jpeg, kEighth, {}, picture);
  EXPECT_EQ(decoded.ok(), expected.ok());
  if (decoded.ok() && expected.ok()) {
    EXPECT_TRUE(equal(picture, *expected));
  }
  if (!decoded.ok() && !expected.ok()) {
    EXPECT_EQ(decoded.error().message, expected.error().message);
  }
  return expected.ok();
}

TEST(JpegEighth, IsTheLibrarysDecode) {
  std::mt19937 random(20261126);
  const auto decoder = make_jpeg_decoder();
  Image picture;
  for (int round = 0; round < 600; ++round) {
    const auto jpeg = random_jpeg(random);
    EXPECT_TRUE(skips_all(jpeg)) << round;
    const auto decoded = decode_image(*decoder, jpeg, kEighth, {}, picture);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_TRUE(equal(picture, plain_jpeg_decode(jpeg, 8))) << round;
  }
}

TEST(JpegEighth, OfARegionIsThatOfTheWhole) {
  std::mt19937 random(7);
  const auto decoder = make_jpeg_decoder();
  Image part;
  for (int round = 0; round < 300; ++round) {
    const auto jpeg = random_jpeg(random);
    const Image whole = plain_jpeg_decode(jpeg, 8);
    const Size full = decoder->inspect(jpeg)->stored;
    const int top = from_to(random, 0, full.height - 1);
    const int left = from_to(random, 0, full.width - 1);
    DecodeSpec spec = kEighth;
    spec.region = Rect{top, left, from_to(random, top + 1, full.height), from_to(random, left + 1, full.width)};
    spec.read_to_end = round % 2 == 0;
    const auto decoded = decode_image(*decoder, jpeg, spec, {}, part);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    const Rect& covers = decoded->covers;
    EXPECT_LE(covers.top, top);
    EXPECT_GE(covers.bottom, spec.region->bottom);
    ASSERT_TRUE(equals_part(part, whole, covers)) << round;
  }
}

TEST(JpegEighth, JudgesDamageAsTheLibraryDoes) {
  std::mt19937 random(11);
  const auto decoder = make_jpeg_decoder();
  Image picture;
  int sound = 0;
  int resumed = 0;  // the fast way gave up on a file that the library reads
  for (int round = 0; round < 6000; ++round) {
    auto jpeg = random_jpeg(random);
    const int flips = from_to(random, 1, 3);
    for (int i = 0; i < flips; ++i) jpeg[random() % jpeg.size()] ^= std::byte{1} << random() % 8;
    if (round % 7 == 0) jpeg.resize(random() % jpeg.size());
    const DecodeLimits limits{.max_pixels = 1'000'000};
    const auto decoded = decode_image(*decoder, jpeg, kEighth, limits, picture);
    if (!decoded.ok() && decoded.error().code == ItemErrorCode::kTooManyPixels) continue;
    const Result<Image> expected = library_decode(jpeg);
    ASSERT_EQ(decoded.ok(), expected.ok())
        << round << ": " << (decoded.ok() ? expected.error() : decoded.error()).message;
    if (!expected.ok()) continue;
    ASSERT_TRUE(equal(picture, *expected)) << round;
    ++sound;
    resumed += !skips_all(jpeg);
  }
  EXPECT_GT(sound, 300);
  EXPECT_GT(resumed, 30);
}

TEST(JpegEighth, JudgesDamageBesideARegionAsTheLibraryDoes) {
  std::mt19937 random(13);
  const auto decoder = make_jpeg_decoder();
  Image part;
  int sound = 0;
  for (int round = 0; round < 3000; ++round) {
    JpegRecipe recipe = random_recipe(random);
    recipe.size = {from_to(random, 100, 400), from_to(random, 1, 60)};
    auto jpeg = random_jpeg(recipe, random);
    const size_t headers = jpeg.size() / 2;  // more or less
    jpeg[headers + random() % (jpeg.size() - headers)] ^= std::byte{1} << random() % 8;
    DecodeSpec spec = kEighth;
    const int top = from_to(random, 0, recipe.size.height - 1);
    spec.region = Rect{top, 0, from_to(random, top + 1, recipe.size.height), recipe.size.width};
    spec.read_to_end = round % 2 == 0;
    const Result<Image> whole = library_decode(jpeg);
    const auto decoded = decode_image(*decoder, jpeg, spec, {}, part);
    if (spec.read_to_end) {
      ASSERT_EQ(decoded.ok(), whole.ok()) << round;
    }
    if (!whole.ok()) continue;
    ASSERT_TRUE(decoded.ok()) << round << ": " << decoded.error().message;
    ASSERT_TRUE(equals_part(part, *whole, decoded->covers)) << round;
    ++sound;
  }
  EXPECT_GT(sound, 300);
}

// Every strip is there once, also where the library goes on after some.
TEST(JpegEighth, GoesOnWithTheLibraryInTheMiddle) {
  const JpegRecipe recipe{.size = {1003, 41}, .horizontal = 2, .vertical = 2, .restart_interval = 3};
  const auto sound = make_jpeg(recipe);
  const auto with_fill_byte = [&](size_t marker) {  // allowed in front of any marker, and nobody writes it
    auto jpeg = sound;
    jpeg.insert(jpeg.begin() + static_cast<std::ptrdiff_t>(marker), std::byte{0xff});
    return jpeg;
  };
  std::vector<size_t> markers = {sound.size() - 2};
  for (size_t i = sound.size() / 3; i + 2 < sound.size(); ++i) {
    const int code = std::to_integer<int>(sound[i + 1]);
    if (sound[i] == std::byte{0xff} && code >= 0xd0 && code <= 0xd7) markers.push_back(i);
  }
  ASSERT_GT(markers.size(), 20u);
  const Image expected = plain_jpeg_decode(sound, 8);
  const auto decoder = make_jpeg_decoder();
  for (const size_t marker : markers) {
    const auto jpeg = with_fill_byte(marker);
    EXPECT_FALSE(skips_all(jpeg));
    ASSERT_TRUE(decoder->open(jpeg, kEighth, {}).ok());
    int rows = 0;
    while (true) {
      const Result<Strip> strip = decoder->next_strip();
      ASSERT_TRUE(strip.ok()) << strip.error().message;
      if (strip->rgb.size.height == 0) break;
      ASSERT_EQ(strip->first_row, rows);
      for (int y = 0; y < strip->rgb.size.height; ++y, ++rows) {
        const uint8_t* row = strip->rgb.row(y);
        ASSERT_TRUE(std::equal(row, row + strip->rgb.size.width * 3, expected.view().row(rows))) << rows;
      }
    }
    EXPECT_EQ(rows, expected.size().height);
  }
}

// Where those with that marker begin, of a sound file's headers.
std::vector<size_t> segments(std::span<const std::byte> jpeg, int wanted) {
  constexpr int kStartOfScan = 0xda;
  const auto byte = [&](size_t place) { return std::to_integer<size_t>(jpeg[place]); };
  std::vector<size_t> found;
  for (size_t i = 2; byte(i + 1) != kStartOfScan; i += 2 + (byte(i + 2) << 8) + byte(i + 3)) {
    if (byte(i + 1) == static_cast<size_t>(wanted)) found.push_back(i);
  }
  return found;
}

// With the given counts of codes by length instead of its own in one of its four Huffman tables (DC, AC, and those of
// chroma); the values stay, zeros behind.
std::vector<std::byte> with_table(std::vector<std::byte> jpeg, size_t number, std::array<uint8_t, 16> counts) {
  const auto segment = jpeg.begin() + static_cast<std::ptrdiff_t>(segments(jpeg, 0xc4).at(number));
  const auto table = segment + 5;
  const int old_codes = (std::to_integer<int>(segment[2]) << 8) + std::to_integer<int>(segment[3]) - 19;
  int codes = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    table[static_cast<std::ptrdiff_t>(i)] = std::byte{counts[i]};
    codes += counts[i];
  }
  segment[2] = static_cast<std::byte>((19 + codes) >> 8);
  segment[3] = static_cast<std::byte>((19 + codes) & 255);
  if (codes < old_codes) jpeg.erase(table + 16 + codes, table + 16 + old_codes);
  if (codes > old_codes) jpeg.insert(table + 16 + old_codes, static_cast<size_t>(codes - old_codes), std::byte{});
  return jpeg;
}

// One colour: a table that is read as the one of the file before would do for it.
std::vector<std::byte> flat_jpeg(const JpegRecipe& recipe) {
  Image picture;
  picture.resize(recipe.size, 3);
  for (int y = 0; y < recipe.size.height; ++y) std::fill_n(picture.view().row(y), recipe.size.width * 3, uint8_t{90});
  return encode_jpeg(picture.view(), recipe);
}

TEST(JpegEighth, JudgesHuffmanTablesAsTheLibraryDoes) {
  const auto decoder = make_jpeg_decoder();
  Image picture;
  const std::vector<std::array<uint8_t, 16>> tables = {
      {},                  // no code at all
      {2},                 // both codes of one bit: the one of ones only is not allowed
      {0, 3},              // sound, but not what the file was written with
      {0, 5},              // more codes than there are
      {1, 1, 1, 1, 1, 1},  // ones only are left
      {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255}};
  for (const int sampling : {1, 2}) {
    for (size_t number = 0; number < 4; ++number) {
      const JpegRecipe recipe{.size = {64, 64}, .horizontal = sampling, .vertical = sampling};
      for (const auto& sound : {make_jpeg(recipe), flat_jpeg(recipe)}) {
        for (const auto& counts : tables) {
          // What one file leaves behind must not serve another, nor what a refused one does.
          ASSERT_TRUE(decode_image(*decoder, sound, kEighth, {}, picture).ok());
          const auto jpeg = with_table(sound, number, counts);
          for (int time = 0; time < 2; ++time) expect_as_by_the_library(*decoder, jpeg);
        }
      }
    }
  }
}

// Each component with the Huffman tables of these numbers; the file's own 0 and 1 become `renamed`.
std::vector<std::byte> with_numbers(std::vector<std::byte> jpeg, std::array<int, 2> renamed,
                                    std::array<std::array<int, 2>, 3> dc_and_ac) {
  for (const size_t segment : segments(jpeg, 0xc4)) {
    const int table = std::to_integer<int>(jpeg[segment + 4]);
    jpeg[segment + 4] = static_cast<std::byte>((table & 0xf0) + renamed[static_cast<size_t>(table & 15)]);
  }
  const size_t scan = find_scan(jpeg, 1);
  for (size_t i = 0; i < dc_and_ac.size(); ++i) {
    jpeg.at(scan + 6 + 2 * i) = static_cast<std::byte>((dc_and_ac[i][0] << 4) + dc_and_ac[i][1]);
  }
  return jpeg;
}

TEST(JpegEighth, ComponentsMayShareHuffmanTables) {
  const auto decoder = make_jpeg_decoder();
  const auto plain = make_jpeg({.size = {64, 64}});
  // Renamed as they are: the same pixels; more than two numbers are the library's.
  EXPECT_TRUE(expect_as_by_the_library(*decoder, with_numbers(plain, {1, 0}, {{{1, 1}, {0, 0}, {0, 0}}})));
  const auto four = with_numbers(plain, {3, 2}, {{{3, 3}, {2, 2}, {2, 2}}});
  EXPECT_TRUE(expect_as_by_the_library(*decoder, four));
  EXPECT_FALSE(skips_all(four));
  // Read with tables that they were not written with: of one colour, so that some are sound all the same.
  int sound = 0;
  for (int numbers = 0; numbers < 64; ++numbers) {
    const auto bit = [&](int place) { return numbers >> place & 1; };
    const auto jpeg =
        with_numbers(flat_jpeg({.size = {64, 64}}), {0, 1}, {{{bit(0), bit(1)}, {bit(2), bit(3)}, {bit(4), bit(5)}}});
    sound += expect_as_by_the_library(*decoder, jpeg);
  }
  EXPECT_GT(sound, 1);
}

// With other quantisers in each table, in zigzag order, of 8 or 16 bits.
std::vector<std::byte> with_quantisers(std::vector<std::byte> jpeg, bool wide, const std::function<int(size_t)>& of) {
  std::vector<std::byte> out;
  size_t copied = 0;
  for (const size_t segment : segments(jpeg, 0xdb)) {
    const auto number = std::to_integer<int>(jpeg[segment + 4]) & 15;
    out.insert(out.end(), jpeg.begin() + static_cast<std::ptrdiff_t>(copied),
               jpeg.begin() + static_cast<std::ptrdiff_t>(segment));
    const int length = 3 + 64 * (wide ? 2 : 1);
    for (const int byte : {0xff, 0xdb, length >> 8, length & 255, (wide ? 16 : 0) + number})
      out.push_back(static_cast<std::byte>(byte));
    for (size_t k = 0; k < 64; ++k) {
      const int quantiser = of(k);
      if (wide) out.push_back(static_cast<std::byte>(quantiser >> 8));
      out.push_back(static_cast<std::byte>(quantiser & 255));
    }
    copied = segment + 2 + 67;
  }
  out.insert(out.end(), jpeg.begin() + static_cast<std::ptrdiff_t>(copied), jpeg.end());
  return out;
}

// Coefficients at the edge of what a picture has, and beyond.
TEST(JpegEighth, OfAnyQuantisersIsTheLibrarysDecode) {
  std::mt19937 random(17);
  const auto decoder = make_jpeg_decoder();
  Image picture;
  int by_itself = 0;
  for (int round = 0; round < 1500; ++round) {
    JpegRecipe recipe = random_recipe(random);
    recipe.size = {from_to(random, 1, 60), from_to(random, 1, 60)};
    const auto plain = random_jpeg(recipe, random);
    const int most = std::array{1, 8, 40, 255, 3000, 65535}[static_cast<size_t>(from_to(random, 0, 5))];
    const auto jpeg = with_quantisers(plain, most > 255 || round % 2 == 0, [&](size_t) {
      return from_to(random, 0, 3) == 0 ? from_to(random, 0, most) : from_to(random, 0, std::min(most, 20));
    });
    const auto decoded = decode_image(*decoder, jpeg, kEighth, {}, picture);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    EXPECT_TRUE(equal(picture, plain_jpeg_decode(jpeg, 8))) << round << ", up to " << most;
    by_itself += skips_all(jpeg);
  }
  EXPECT_GT(by_itself, 300);
  EXPECT_LT(by_itself, 1400);
}

TEST(JpegEighth, LeavesUnusualFilesToTheLibrary) {
  for (const JpegRecipe& recipe :
       {JpegRecipe{.progressive = true}, JpegRecipe{.arithmetic = true}, JpegRecipe{.colour = JpegColour::kRgb},
        JpegRecipe{.colour = JpegColour::kCmyk}, JpegRecipe{.horizontal = 4}, JpegRecipe{.vertical = 3}}) {
    const auto jpeg = make_jpeg(recipe);
    EXPECT_FALSE(skips_all(jpeg));
    Image picture;
    EXPECT_TRUE(decode_image(*make_jpeg_decoder(), jpeg, kEighth, {}, picture).ok());
  }
}

}  // namespace
}  // namespace smol
