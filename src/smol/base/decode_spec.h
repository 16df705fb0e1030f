// How to decode a rendition, and what came of it (design: input format = rendition x DecodeSpec; paper §6.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smol/base/geometry.h"
#include "smol/base/image.h"

namespace smol {

// The default decodes everything at full fidelity.
struct DecodeSpec {
  // Region of interest in stored pixels of the full-size image, half-open; the decoder may return more than it
  // (aligned out to its block grid, Algorithm 1), never less, and the pixels are bit-identical to the full decode's.
  std::optional<Rect> region = std::nullopt;
  // With a region: the rest of the file is still read and checked to its end, so that a file is good or bad whatever
  // the region is. Without one, it always is. Approximate ways check only what they read: a file that is cut off is
  // bad in all of them but `thumbnail`.
  bool read_to_end = false;
  // Decode at 1/scale_denominator of the size: DCT scaling (JPEG: 1, 2, 4, 8), a wavelet level (JPEG 2000), a level
  // of a pyramid (TIFF). Approximate unless 1. Formats that cannot scale decode at 1;
  // DecodedGeometry::scale_denominator says what was done.
  int scale_denominator = 1;
  // Only the first n scans of a progressive JPEG or passes of an interlaced PNG; 0: all. Approximate. Files with
  // fewer scans, and other formats, are decoded with all they have.
  int first_scans = 0;
  // The embedded thumbnail instead of the picture: its content without letterbox, as a picture of its own
  // (DecodedGeometry::full is the content's size). Approximate. Files without one are decoded as if not asked.
  bool thumbnail = false;
  // Leaves out the filters that smooth block edges after decoding (HEVC and AV1: deblocking and SAO or CDEF; WebP:
  // the loop filter). Approximate. Formats without such filters ignore it.
  bool skip_filters = false;
  // With skip_filters, of videos: only in frames that no other one is predicted from, so that errors do not add up.
  bool keep_reference_filters = false;
  bool operator==(const DecodeSpec&) const = default;
};

// Whether the pixels are those of the full decode (of its region).
inline bool is_exact(const DecodeSpec& spec) {
  return spec.scale_denominator == 1 && spec.first_scans == 0 && !spec.thumbnail && !spec.skip_filters;
}

// "full", "1/2", "1/4", ..., "scans=3", "thumbnail", "no-filters"; several joined by "+". Regions are not part of it.
std::string to_string(const DecodeSpec& spec);
// Throws Error(kUsage) for anything else.
DecodeSpec parse_decode_spec(std::string_view text);

// One way to read a certain file, and how many pixels come of it.
struct DecodeMode {
  DecodeSpec spec;
  Size size;
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
  int64_t max_frames = 10'000'000;            // of a video: 46 hours at 60 a second
  double max_seconds = 60;  // CPU time for a picture, or from one frame to the next, where it can be interrupted
  int max_scans = 100;      // of a JPEG: each may cost a pass over the picture for a few bytes
};

}  // namespace smol
