// What stands in front of a JPEG's first scan, read without the library: for `inspect`, which must be cheap and must
// also describe files that the library refuses (12 bit, lossless).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "smol/base/image_info.h"
#include "smol/base/result.h"

namespace smol {

struct JpegHeaders {
  struct Component {
    uint32_t id = 0;
    int horizontal = 1;  // sampling factors, 1..4
    int vertical = 1;
  };

  Size size;
  int bits_per_sample = 8;
  bool progressive = false;
  int component_count = 0;
  std::array<Component, 4> components{};  // the first four
  int restart_interval = 0;
  bool has_jfif = false;
  int adobe_transform = -1;         // -1: no Adobe segment
  std::span<const std::byte> exif;  // from the TIFF header on; parts of the file
  std::span<const std::byte> xmp;

  ColourModel colour() const;  // by the rules of libjpeg: JFIF, then Adobe, then component names
  ChromaSubsampling subsampling() const;
};

// Reads up to the first scan. kTruncated if the bytes end before it, kCorrupt if the segments make no sense,
// kUnsupportedFormat for a number of components that is not 1, 3 or 4. No allocation unless it fails.
Result<JpegHeaders> read_jpeg_headers(std::span<const std::byte> jpeg);

}  // namespace smol
