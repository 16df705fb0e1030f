// How to decode a rendition, and what came of it (design: input format = rendition x DecodeSpec; paper §6.4).
#pragma once

#include <cstdint>
#include <optional>

#include "smol/base/geometry.h"
#include "smol/base/image.h"

namespace smol {

// The default decodes everything at full fidelity.
struct DecodeSpec {
  // Region of interest in stored pixels of the full-size image, half-open; the decoder may return more than it
  // (aligned out to its block grid, Algorithm 1), never less, and the pixels are bit-identical to the full decode's.
  std::optional<Rect> region;
  // With a region: the rest of the file is still read and checked to its end, so that a file is good or bad whatever
  // the region is. Without one, it always is.
  bool read_to_end = false;
  // DCT scaling: decode at 1/scale_denominator of the size (JPEG: 1, 2, 4, 8). Approximate unless 1. Formats that
  // cannot scale decode at 1; DecodedGeometry::scale_denominator says what was done.
  int scale_denominator = 1;
  bool operator==(const DecodeSpec&) const = default;
};

// Decoded pixels and the exact part of the full-size stored image that they stand for.
struct DecodedGeometry {
  Size size;  // pixels that the strips will cover
  // The rectangle of the full-size stored image, in its pixels, that size stands for: exactly size *
  // scale_denominator, so it may reach past the right and bottom edge by less than scale_denominator (there the
  // decoder saw padding).
  Rect covers;
  int scale_denominator = 1;
  Size full;  // of the whole stored image, in its pixels: what is resized, whatever part of it was decoded
};

// Consecutive full-width rows of the decoded image. Valid until the next call on the decoder.
struct Strip {
  int first_row = 0;   // within DecodedGeometry::size
  ConstImageView rgb;  // rgb.size.height rows; 0 rows: the image is finished
};

// Limits that turn hostile files into error rows.
struct DecodeLimits {
  int64_t max_pixels = 178'956'970;           // Pillow's default bomb limit
  int64_t max_file_bytes = int64_t{1} << 30;  // of the compressed file
  int max_scans = 100;                        // of a JPEG: each may cost a pass over the picture for a few bytes
};

}  // namespace smol
