// JPEG files for tests, written with libjpeg when they are needed, and a plain decoder to compare with.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "smol/base/image.h"

namespace smol::test {

enum class JpegColour { kGrey, kYcbcr, kRgb, kCmyk, kYcck };

// A scan of a progressive file, as in the specification of JPEG (Ss, Se, Ah, Al).
struct JpegScanRecipe {
  std::vector<int> components;
  int first_coefficient = 0;
  int last_coefficient = 0;
  int high_bit = 0;
  int low_bit = 0;
};

struct JpegRecipe {
  Size size{40, 60};
  JpegColour colour = JpegColour::kYcbcr;
  int horizontal = 1;  // sampling factors of the first component; the others have 1
  int vertical = 1;
  int quality = 85;
  bool progressive = false;
  int dropped_scans = 0;        // of a progressive file, at the end: a valid file whose coefficients stay inexact
  bool spectral_scans = false;  // progressive in four scans without refinement, which may be repeated (find_scan)
  std::vector<JpegScanRecipe> scans = {};  // progressive in these scans
  bool arithmetic = false;
  int restart_interval = 0;
  std::string exif = {};  // from the TIFF header on; empty: no segment
  std::string xmp = {};
  unsigned seed = 1;
};

std::vector<std::byte> make_jpeg(const JpegRecipe& recipe);
// The same of given pixels (3 channels, or 1 and 4 for the colours that need them); recipe.size and seed are ignored.
std::vector<std::byte> encode_jpeg(ConstImageView picture, const JpegRecipe& recipe);

// What libjpeg gives when it decodes all of the file with its default settings: the channels as stored for CMYK and
// YCCK (4, inverted), RGB otherwise. Aborts on an invalid file.
Image plain_jpeg_decode(std::span<const std::byte> jpeg, int scale_denominator = 1);

// What libjpeg's buffered-image mode shows of the first `scans` scans (all if it has fewer): RGB.
Image plain_jpeg_decode_of_scans(std::span<const std::byte> jpeg, int scans, int scale_denominator, bool smoothing);

// Replaces the byte that stands `offset` bytes behind the frame header's marker (SOF0, SOF1 or SOF2).
void patch_frame_header(std::vector<std::byte>& jpeg, size_t offset, std::byte value);

// Repeats the last scan so that the file has `scans` of them. For recipes with spectral_scans, which have four.
std::vector<std::byte> repeat_last_scan(const std::vector<std::byte>& jpeg, int scans);

// Where the scan with that number begins (its SOS marker); the file's size if it has fewer.
size_t find_scan(std::span<const std::byte> jpeg, int number);

}  // namespace smol::test
