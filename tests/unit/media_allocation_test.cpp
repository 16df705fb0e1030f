// Our code does not allocate per item once it has seen the sizes. The image libraries use malloc and are not counted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>

#include "make_exif.h"
#include "make_jpeg.h"
#include "make_png.h"
#include "smol/base/orient.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"

namespace {

thread_local long allocations = 0;

void* counted(void* block) {
  ++allocations;
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace

void* operator new(size_t bytes) { return counted(std::malloc(bytes)); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  const auto unit = static_cast<size_t>(alignment);
  return counted(std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit));
}
// The array forms too: sanitizers bring their own, which do not come here.
void* operator new[](size_t bytes) { return operator new(bytes); }
void* operator new[](size_t bytes, std::align_val_t alignment) { return operator new(bytes, alignment); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete[](void* block, size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }

namespace smol {
namespace {

using namespace smol::test;

// From the file to the upright picture, twice to warm up, then counted.
void expect_no_allocations(const std::vector<std::byte>& file, const DecodeSpec& spec) {
  const std::string path = (std::filesystem::temp_directory_path() / "smol_allocation_test_image").string();
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), std::ssize(file));
  FileReader reader;
  DecoderSet decoders;
  Image stored;
  Image upright;
  const auto work = [&] {
    const auto bytes = reader.read(path, 1 << 30);
    Decoder& decoder = **decoders.decoder_for(*bytes);
    const auto info = decoder.inspect(*bytes);
    const auto geometry = decode_image(decoder, *bytes, spec, {}, stored);
    ASSERT_TRUE(geometry.ok());
    upright.resize(oriented(stored.size(), info->orientation), 3);
    orient(stored.view(), info->orientation, upright.view());
  };
  work();
  work();
  const long before = allocations;
  for (int i = 0; i < 20; ++i) work();
  EXPECT_EQ(allocations - before, 0);
  std::filesystem::remove(path);
}

TEST(Allocations, AreCounted) {
  const long before = allocations;
  Image picture({10, 10}, 3);
  EXPECT_EQ(allocations - before, 1);
}

TEST(Allocations, NoneForJpegInTheSteadyState) {
  const std::string exif = make_orientation_exif(6);
  for (const JpegColour colour : {JpegColour::kYcbcr, JpegColour::kCmyk}) {
    for (const bool progressive : {false, true}) {
      const auto jpeg = make_jpeg({.size = {150, 200},
                                   .colour = colour,
                                   .horizontal = 2,
                                   .vertical = 2,
                                   .progressive = progressive,
                                   .exif = exif});
      expect_no_allocations(jpeg, {});
      expect_no_allocations(jpeg, {.region = Rect{20, 30, 100, 110}, .scale_denominator = 2});
    }
  }
}

TEST(Allocations, NoneForTheCheaperWaysToReadAJpeg) {
  const auto thumbnail = make_jpeg({.size = {30, 40}});
  const std::string embedded(reinterpret_cast<const char*>(thumbnail.data()), thumbnail.size());
  const auto jpeg = make_jpeg({.size = {150, 200}, .progressive = true, .exif = make_thumbnail_exif(6, embedded)});
  expect_no_allocations(jpeg, {.thumbnail = true});
  expect_no_allocations(jpeg, {.first_scans = 5});
  expect_no_allocations(jpeg, {.scale_denominator = 8});
}

TEST(Allocations, NoneForPngInTheSteadyState) {
  for (const int colour_type : {2, 6}) {
    for (const bool interlaced : {false, true}) {
      const auto png = make_png({.size = {150, 200}, .colour_type = colour_type, .interlaced = interlaced}).file;
      expect_no_allocations(png, {});
      expect_no_allocations(png, {.region = Rect{20, 30, 100, 110}});
    }
  }
}

}  // namespace
}  // namespace smol
