#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "smol/engine/rendered_folder.h"
#include "temporary_directory.h"

namespace smol {
namespace {

constexpr int64_t kSecond_ns = 1'000'000'000;

timespec time_of(int64_t ns) { return {.tv_sec = ns / kSecond_ns, .tv_nsec = ns % kSecond_ns}; }

void write_with_time(const std::filesystem::path& file, const timespec& modified) {
  std::ofstream(file) << "pixels";
  const timespec times[] = {modified, modified};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

// As a coarse file system would have kept the time of its source.
TEST(RenderedFolder, FilesAreAsTheirSourcesIfTheTimeIsAsTheFileSystemKeepsIt) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "a.png";
  const int64_t source_ns = 1'700'000'001'123'456'789;
  for (const int64_t unit_ns : {int64_t{1}, int64_t{100}, kSecond_ns, 2 * kSecond_ns}) {
    write_with_time(file, time_of(source_ns / unit_ns * unit_ns));
    EXPECT_TRUE(is_rendered_from(file, time_of(source_ns), unit_ns));
    EXPECT_EQ(is_rendered_from(file, time_of(source_ns), 1), unit_ns == 1);
    EXPECT_FALSE(is_rendered_from(file, time_of(source_ns + 2 * kSecond_ns), unit_ns));
  }
  write_with_time(file, time_of(10 * kSecond_ns));
  EXPECT_FALSE(is_rendered_from(file, time_of(11 * kSecond_ns + kSecond_ns / 2), 1));
  std::filesystem::resize_file(file, 0);
  EXPECT_FALSE(is_rendered_from(file, time_of(10 * kSecond_ns), 1));
}

TEST(RenderedFolder, TimesAreRoundedDown) {
  const auto rounded = [](timespec time, int64_t unit_ns) {
    const timespec result = rounded_down(time, unit_ns);
    return std::pair(int64_t{result.tv_sec}, int64_t{result.tv_nsec});
  };
  EXPECT_EQ(rounded({11, 123'456'789}, 1), std::pair(int64_t{11}, int64_t{123'456'789}));
  EXPECT_EQ(rounded({11, 123'456'789}, 100), std::pair(int64_t{11}, int64_t{123'456'700}));
  EXPECT_EQ(rounded({11, 123'456'789}, 2 * kSecond_ns), std::pair(int64_t{10}, int64_t{0}));
  EXPECT_EQ(rounded({-3, 5}, kSecond_ns), std::pair(int64_t{-3}, int64_t{0}));
  EXPECT_EQ(rounded({-3, 5}, 2 * kSecond_ns), std::pair(int64_t{-4}, int64_t{0}));
  EXPECT_EQ(rounded({13'569'465'601, 5}, 2 * kSecond_ns), std::pair(int64_t{13'569'465'600}, int64_t{0}));  // in 2400
}

TEST(RenderedFolder, TheUnitIsFoundByWhatBecomesOfATime) {
  for (const int64_t unit_ns : {int64_t{1}, int64_t{100}, int64_t{1'000}, int64_t{1'000'000}, int64_t{10'000'000},
                                kSecond_ns, 2 * kSecond_ns}) {
    EXPECT_EQ(time_unit_ns(rounded_down(kUnevenTime, unit_ns)), unit_ns);
  }
  EXPECT_EQ(time_unit_ns(timespec{1'700'000'000, 0}), 1);
}

TEST(RenderedFolder, TheUnitOfTimesIsWhatTheFileSystemKeeps) {
  const TemporaryDirectory temporary;
  const auto folder = temporary.path() / "small";
  claim_rendered_folder(posix_file_system(), folder, "somehow");
  const int64_t unit_ns = time_unit_ns(folder);
  const int64_t time_ns = 1'234'567'891'987'654'321;
  write_with_time(folder / "a.png", time_of(time_ns));
  struct stat stored{};
  ASSERT_EQ(::stat((folder / "a.png").c_str(), &stored), 0);
  EXPECT_EQ(stored.st_mtim.tv_sec * kSecond_ns + stored.st_mtim.tv_nsec, time_ns / unit_ns * unit_ns);
}

}  // namespace
}  // namespace smol
