// What a PNG says of itself outside its pixels, read without the library: for `inspect`, and to check limits first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "smol/base/image_info.h"
#include "smol/base/result.h"

namespace smol {

struct PngHeaders {
  Size size;
  int bits_per_sample = 8;
  uint32_t colour_type = 0;  // as in IHDR: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  bool interlaced = false;
  bool has_transparency = false;    // a tRNS chunk
  std::span<const std::byte> exif;  // the eXIf chunk, also behind the pixels; a part of the file
  std::span<const std::byte> xmp;   // an uncompressed iTXt chunk with that keyword
};

// The first chunk only. kTruncated, kCorrupt, or kUnsupportedFormat (Apple's variant). Checksums are left to
// decoding.
Result<PngHeaders> read_png_header(std::span<const std::byte> png);

// All chunks, hopping over their bodies; a file that ends early gives what stands before its end.
Result<PngHeaders> read_png_headers(std::span<const std::byte> png);

// Whether the chunks, by their lengths, lead to the one that ends the file.
bool reaches_png_end(std::span<const std::byte> png);

}  // namespace smol
