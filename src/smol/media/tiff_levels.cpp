#include "smol/media/tiff_levels.h"

#include <algorithm>

#include "smol/media/tiff_layout.h"

namespace smol {
namespace {

constexpr int kMaxDenominator = 32;     // what DecodeSpec's text form knows
constexpr size_t kMaxDirectories = 64;  // so that a chain of thousands costs nothing

uint32_t subfile_type(TIFF* tiff) {
  uint32_t type = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SUBFILETYPE, &type);
  return type;
}

// 0: of no level.
int denominator_of(Size size, Size full) {
  const auto fits = [](int side, int whole, int denominator) {
    return side == whole / denominator || side == (whole + denominator - 1) / denominator;
  };
  for (int denominator = 2; denominator <= kMaxDenominator; denominator *= 2) {
    if (fits(size.height, full.height, denominator) && fits(size.width, full.width, denominator)) return denominator;
  }
  return 0;
}

void add_current(TiffFile& file, Size full, std::vector<TiffLevel>& levels) {
  const uint32_t type = subfile_type(file.handle());
  if ((type & FILETYPE_REDUCEDIMAGE) == 0 || (type & FILETYPE_MASK) != 0) return;
  const Result<TiffLayout> layout = read_tiff_layout(file);
  if (!layout.ok()) return;
  const int denominator = denominator_of(layout->size, full);
  const auto same = [&](const TiffLevel& level) { return level.denominator == denominator; };
  if (denominator == 0 || std::any_of(levels.begin(), levels.end(), same)) return;
  levels.push_back({denominator, layout->size, TIFFCurrentDirOffset(file.handle())});
}

std::vector<uint64_t> sub_directories(TIFF* tiff) {
  uint16_t count = 0;
  const uint64_t* offsets = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &offsets) == 0) return {};
  return {offsets, offsets + std::min<size_t>(count, kMaxDirectories)};
}

}  // namespace

std::vector<TiffLevel> find_tiff_levels(TiffFile& file, Size full) {
  TIFF* tiff = file.handle();
  const uint64_t first = TIFFCurrentDirOffset(tiff);
  const std::vector<uint64_t> below = sub_directories(tiff);
  std::vector<TiffLevel> levels;
  for (size_t i = 0; i < kMaxDirectories && TIFFReadDirectory(tiff) != 0; ++i) {
    if ((subfile_type(tiff) & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0) break;
    add_current(file, full, levels);
  }
  for (const uint64_t offset : below) {
    if (TIFFSetSubDirectory(tiff, offset) != 0) add_current(file, full, levels);
  }
  TIFFSetSubDirectory(tiff, first);
  file.forget_complaints();
  std::sort(levels.begin(), levels.end(),
            [](const TiffLevel& a, const TiffLevel& b) { return a.denominator < b.denominator; });
  return levels;
}

}  // namespace smol
