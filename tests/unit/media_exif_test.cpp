// The EXIF reader on good blocks, odd blocks and hostile ones.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "make_exif.h"
#include "smol/media/exif.h"

namespace smol {
namespace {

using namespace smol::test;

Exif read(const std::string& block) { return read_exif(std::as_bytes(std::span(block))); }

TEST(Exif, ReadsOrientationInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    for (uint32_t value = 1; value <= 8; ++value) {
      EXPECT_EQ(read(make_orientation_exif(value, big_endian)).orientation, static_cast<Orientation>(value));
    }
  }
}

TEST(Exif, TakesInvalidValuesForUpright) {
  for (const uint32_t value : {0u, 9u, 255u, 65535u, 0x0106u}) {
    EXPECT_EQ(read(make_orientation_exif(value)).orientation, Orientation::kUpright) << value;
  }
}

// As Pillow reads them: any integer type but bytes; text and fractions are no orientation.
TEST(Exif, ReadsOrientationOfAnyIntegerType) {
  const auto with_type = [](uint16_t type, const std::string& value) {
    return read(make_exif(false, {{0x0112, type, 1, value}})).orientation;
  };
  EXPECT_EQ(with_type(4, number32(6, false)), Orientation::kRotate90Clockwise);
  EXPECT_EQ(with_type(9, number32(6, false)), Orientation::kRotate90Clockwise);
  EXPECT_EQ(with_type(8, number16(6, false)), Orientation::kRotate90Clockwise);
  EXPECT_EQ(with_type(6, std::string{6}), Orientation::kRotate90Clockwise);
  EXPECT_EQ(with_type(1, std::string{6}), Orientation::kUpright);
  EXPECT_EQ(with_type(2, "6"), Orientation::kUpright);
  EXPECT_EQ(with_type(77, std::string{6}), std::nullopt);
}

TEST(Exif, TakesTheFirstOfSeveralValuesAndEntries) {
  const auto value = [](uint32_t number) { return number16(number, false); };
  EXPECT_EQ(read(make_exif(false, {{0x0112, 3, 2, value(6) + value(3)}})).orientation,
            Orientation::kRotate90Clockwise);
  EXPECT_EQ(read(make_exif(false, {{0x0100, 3, 1, value(8)}, {0x0112, 3, 1, value(6)}, {0x0112, 3, 1, value(3)}}))
                .orientation,
            Orientation::kRotate90Clockwise);
  // Three values do not fit in the entry: they stand at an offset.
  const std::string far = make_exif(false, {{0x0112, 3, 3, number32(26, false)}}, {}, value(8) + value(1) + value(1));
  EXPECT_EQ(read(far).orientation, Orientation::kRotate90CounterClockwise);
}

TEST(Exif, FindsTheThumbnail) {
  for (const bool big_endian : {false, true}) {
    const std::string block = make_thumbnail_exif(3, "the thumbnail", big_endian);
    const Exif exif = read(block);
    EXPECT_EQ(exif.orientation, Orientation::kRotate180);
    const auto* first = reinterpret_cast<const char*>(exif.thumbnail.data());
    EXPECT_EQ(std::string(first, exif.thumbnail.size()), "the thumbnail");
    EXPECT_TRUE(read(make_orientation_exif(3, big_endian)).thumbnail.empty());
  }
}

TEST(Exif, StaysInsideTheBlock) {
  const std::string block = make_thumbnail_exif(3, "the thumbnail");
  for (size_t length = 0; length < block.size(); ++length) {
    const std::string part = block.substr(0, length);
    const Exif exif = read(part);
    if (!exif.thumbnail.empty()) {
      const auto* begin = reinterpret_cast<const std::byte*>(part.data());
      EXPECT_GE(exif.thumbnail.data(), begin);
      EXPECT_LE(exif.thumbnail.data() + exif.thumbnail.size(), begin + part.size());
    }
  }
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = block;
    for (int change = 0; change < 3; ++change)
      damaged[random() % damaged.size()] = static_cast<char>(random() % 4 * 85);
    const Exif exif = read(damaged);
    EXPECT_LE(exif.thumbnail.size(), damaged.size());
  }
}

TEST(Exif, EndsOnLoopsAndLies) {
  // The next directory is the first one again; a directory of 65535 entries; offsets at the end of the number range.
  std::string loop = make_orientation_exif(6);
  loop.replace(22, 4, number32(8, false));
  EXPECT_EQ(read(loop).orientation, Orientation::kRotate90Clockwise);
  std::string many = make_exif(false, {{0x0100, 3, 1, {}}});
  many.replace(8, 2, "\xff\xff");
  EXPECT_EQ(read(many).orientation, std::nullopt);
  for (const uint32_t offset : {0u, 1u, 0x7fffffffu, 0xffffffffu, 0xfffffffeu}) {
    std::string lie = make_orientation_exif(6);
    lie.replace(4, 4, number32(offset, false));
    EXPECT_EQ(read(lie).orientation, std::nullopt) << offset;
  }
  EXPECT_EQ(read("").orientation, std::nullopt);
  EXPECT_EQ(read("XX*").orientation, std::nullopt);
}

TEST(Exif, ReadsOrientationFromXmp) {
  const auto read_xmp = [](const std::string& xmp) { return read_xmp_orientation(std::as_bytes(std::span(xmp))); };
  EXPECT_EQ(read_xmp("<rdf tiff:Orientation=\"6\" />"), Orientation::kRotate90Clockwise);
  EXPECT_EQ(read_xmp("<tiff:Orientation>8</tiff:Orientation>"), Orientation::kRotate90CounterClockwise);
  EXPECT_EQ(read_xmp("tiff:Orientation is nice, tiff:Orientation=\"3\""), Orientation::kRotate180);
  EXPECT_EQ(read_xmp("tiff:Orientation=\"9\""), Orientation::kUpright);
  EXPECT_EQ(read_xmp("tiff:Orientation=\""), std::nullopt);
  EXPECT_EQ(read_xmp("nothing"), std::nullopt);
}

}  // namespace
}  // namespace smol
