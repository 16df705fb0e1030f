// Leaving out scans: scale 1/8 stays bit-identical to the decode of all of them, and the first n scans give what
// libjpeg's buffered-image mode shows of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "make_jpeg.h"
#include "make_picture.h"
#include "smol/media/jpeg_decoder.h"
#include "smol/media/jpeg_scans.h"

namespace smol {
namespace {

using namespace smol::test;

using Script = std::vector<JpegScanRecipe>;

// Different orders, with luma and chroma in turns, and bits that are refined late or never.
const std::vector<Script>& scripts() {
  static const std::vector<Script> kScripts = {
      // libjpeg's own, written out
      {{{0, 1, 2}, 0, 0, 0, 1},
       {{0}, 1, 5, 0, 2},
       {{2}, 1, 63, 0, 1},
       {{1}, 1, 63, 0, 1},
       {{0}, 6, 63, 0, 2},
       {{0}, 1, 63, 2, 1},
       {{0, 1, 2}, 0, 0, 1, 0},
       {{2}, 1, 63, 1, 0},
       {{1}, 1, 63, 1, 0},
       {{0}, 1, 63, 1, 0}},
      // every component on its own, chroma first, the luma's DC last
      {{{2}, 0, 0, 0, 0},
       {{1}, 0, 0, 0, 0},
       {{1}, 1, 63, 0, 0},
       {{0}, 0, 0, 0, 0},
       {{0}, 1, 63, 0, 0},
       {{2}, 1, 63, 0, 0}},
      // no refinement
      {{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}},
      // DC refined behind the luma's AC
      {{{0, 1, 2}, 0, 0, 0, 2},
       {{0}, 1, 9, 0, 0},
       {{0, 1, 2}, 0, 0, 2, 1},
       {{0}, 10, 63, 0, 0},
       {{1}, 1, 63, 0, 0},
       {{0, 1, 2}, 0, 0, 1, 0},
       {{2}, 1, 63, 0, 0}},
      // bits of the chroma, of the luma, and whole coefficients stay unknown: libjpeg smooths across blocks
      {{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 1}, {{2}, 1, 63, 0, 0}},
      {{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 2}, {{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}},
      {{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 6, 63, 0, 0}, {{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}},
      {{{0, 1, 2}, 0, 0, 0, 0}},
      {{{0, 1, 2}, 0, 0, 0, 1}, {{0}, 1, 63, 0, 0}, {{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}},
  };
  return kScripts;
}

constexpr std::pair<int, int> kSamplings[] = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}, {1, 4}, {4, 2}, {2, 4}, {3, 1}};

Image decode(std::span<const std::byte> jpeg, const DecodeSpec& spec) {
  const auto decoder = make_jpeg_decoder();
  Image picture;
  const auto geometry = decode_image(*decoder, jpeg, spec, {}, picture);
  EXPECT_TRUE(geometry.ok()) << geometry.error().message;
  return picture;
}

// Whether some component has none of its coefficients 1 to 5, or not all, after that many scans.
bool lacks_detail(const Script& script, int scans) {
  for (int component = 0; component < 3; ++component) {
    for (int coefficient = 1; coefficient <= 5; ++coefficient) {
      bool known = false;
      for (const JpegScanRecipe& scan : std::span(script).first(static_cast<size_t>(scans))) {
        const bool holds = std::ranges::count(scan.components, component) > 0;
        known |= holds && scan.first_coefficient <= coefficient && coefficient <= scan.last_coefficient;
      }
      if (!known) return true;
    }
  }
  return false;
}

// Of three components: every script with every sampling.
template <typename Check>
void for_each_file(Check check) {
  for (const auto& [horizontal, vertical] : kSamplings) {
    for (size_t script = 0; script < scripts().size(); ++script) {
      for (const int restart : {0, 3}) {
        const JpegRecipe recipe{.size = script % 2 == 0 ? Size{61, 83} : Size{128, 40},
                                .horizontal = horizontal,
                                .vertical = vertical,
                                .scans = scripts()[script],
                                .restart_interval = restart};
        SCOPED_TRACE("sampling " + std::to_string(horizontal) + "x" + std::to_string(vertical) + " script " +
                     std::to_string(script) + " restart " + std::to_string(restart));
        check(make_jpeg(recipe), scripts()[script]);
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST(JpegScans, AnEighthIsThePlainDecodeOfAllScans) {
  std::mt19937 random(11);
  for_each_file([&](const std::vector<std::byte>& jpeg, const Script&) {
    const Image expected = plain_jpeg_decode(jpeg, 8);
    ASSERT_TRUE(same_pixels(decode(jpeg, {.scale_denominator = 8}).view(), expected.view()));
    const Size full = make_jpeg_decoder()->inspect(jpeg)->stored;
    const Rect region = random_rect(random, full);
    const Rect output{region.top / 8, region.left / 8, (region.bottom + 7) / 8, (region.right + 7) / 8};
    ASSERT_TRUE(same_pixels(decode(jpeg, {.region = region, .scale_denominator = 8}).view(),
                            part_of(expected.view(), output)));
  });
}

TEST(JpegScans, AnEighthInOtherColours) {
  for (const JpegColour colour : {JpegColour::kGrey, JpegColour::kRgb, JpegColour::kYcbcr}) {
    for (const int dropped : {0, 1, 4}) {
      const auto jpeg =
          make_jpeg({.size = {70, 90}, .colour = colour, .progressive = true, .dropped_scans = dropped});
      EXPECT_TRUE(same_pixels(decode(jpeg, {.scale_denominator = 8}).view(), plain_jpeg_decode(jpeg, 8).view()));
    }
  }
}

// Otherwise the tests above would prove nothing: flipping the bits of a scan that is left out changes nothing.
TEST(JpegScans, AnEighthDoesNotReadLumaDetail) {
  for (const int factor : {1, 2}) {
    auto jpeg = make_jpeg({.size = {64, 64}, .horizontal = factor, .vertical = factor, .scans = scripts()[2]});
    const Image expected = plain_jpeg_decode(jpeg, 8);
    std::vector<JpegScan> scans;
    ASSERT_TRUE(find_jpeg_scans(jpeg, 100, scans));
    ASSERT_EQ(scans.size(), 4u);
    for (size_t i = scans[1].begin + 12; i < scans[1].end; ++i) jpeg[i] = std::byte{0x55};
    EXPECT_TRUE(same_pixels(decode(jpeg, {.scale_denominator = 8}).view(), expected.view()));
    // Chroma that is sampled at half is made of 2x2 pixels a block: its detail is read.
    for (size_t i = scans[2].begin + 12; i < scans[2].end; ++i) jpeg[i] = std::byte{0x55};
    Image picture;
    const bool ok = decode_image(*make_jpeg_decoder(), jpeg, {.scale_denominator = 8}, {}, picture).ok();
    EXPECT_EQ(ok && same_pixels(picture.view(), expected.view()), factor == 1);
  }
}

TEST(JpegScans, TheFirstOfThemAreTheBufferedImageDecode) {
  for_each_file([&](const std::vector<std::byte>& jpeg, const Script& script) {
    const int count = static_cast<int>(script.size());
    for (int scans = 1; scans <= count + 1; ++scans) {
      const bool smoothing = scans >= count || lacks_detail(script, scans);
      for (const int denominator : {1, 2, 8}) {
        const DecodeSpec spec{.scale_denominator = denominator, .first_scans = scans};
        ASSERT_TRUE(same_pixels(decode(jpeg, spec).view(),
                                plain_jpeg_decode_of_scans(jpeg, scans, denominator, smoothing).view()))
            << scans << " scans at 1/" << denominator;
      }
    }
  });
}

TEST(JpegScans, RegionsOfTheFirstOfThem) {
  std::mt19937 random(12);
  const Size size{120, 160};
  for (const int factor : {1, 2}) {
    const auto jpeg = make_jpeg({.size = size, .horizontal = factor, .vertical = factor, .progressive = true});
    for (int scans = 1; scans <= 10; ++scans) {
      const Image whole = decode(jpeg, {.first_scans = scans});
      for (int i = 0; i < 5; ++i) {
        const Rect region = random_rect(random, size);
        const Image part = decode(jpeg, {.region = region, .first_scans = scans});
        ASSERT_TRUE(same_pixels(part.view(), part_of(whole.view(), region))) << scans;
      }
    }
  }
}

TEST(JpegScans, BaselineIsDecodedWhole) {
  const auto jpeg = make_jpeg({.size = {50, 70}, .horizontal = 2, .vertical = 2});
  EXPECT_TRUE(same_pixels(decode(jpeg, {.first_scans = 1}).view(), plain_jpeg_decode(jpeg).view()));
}

TEST(JpegScans, AreFoundWithWhatTheyHold) {
  const Script& script = scripts()[0];
  const auto jpeg = make_jpeg({.size = {90, 60}, .scans = script, .restart_interval = 2});
  std::vector<JpegScan> scans;
  ASSERT_TRUE(find_jpeg_scans(jpeg, 100, scans));
  ASSERT_EQ(scans.size(), script.size());
  for (size_t i = 0; i < scans.size(); ++i) {
    EXPECT_EQ(scans[i].begin, find_scan(jpeg, static_cast<int>(i) + 1));
    EXPECT_EQ(scans[i].component_count, std::ssize(script[i].components));
    EXPECT_EQ(scans[i].components[0], script[i].components[0] + 1);
    EXPECT_EQ(scans[i].first_coefficient, script[i].first_coefficient);
    EXPECT_EQ(scans[i].last_coefficient, script[i].last_coefficient);
    EXPECT_EQ(scans[i].low_bit, script[i].low_bit);
  }
  EXPECT_FALSE(find_jpeg_scans(jpeg, 9, scans));
  EXPECT_FALSE(find_jpeg_scans(std::span(jpeg).first(jpeg.size() - 1), 100, scans));
}

}  // namespace
}  // namespace smol
