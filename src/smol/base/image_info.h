// What is known of a file without decoding its pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "smol/base/geometry.h"

namespace smol {

enum class ImageFormat : uint8_t { kJpeg, kPng, kWebp, kHeif, kAvif, kJpeg2000, kJpegXl, kTiff, kGif, kBmp, kPnm };
inline constexpr size_t kImageFormatCount = 11;
std::string_view name(ImageFormat format);  // "jpeg", "png", ...

enum class ColourModel : uint8_t { kGrey, kRgb, kYcbcr, kCmyk, kYcck, kPalette };
std::string_view name(ColourModel model);

enum class ChromaSubsampling : uint8_t { kNone, k444, k440, k422, k420, k411, k410, kOther };
std::string_view name(ChromaSubsampling subsampling);  // "none", "4:4:4", ...

// A value without heap memory: filled once an item, in the steady state.
struct ImageInfo {
  ImageFormat format = ImageFormat::kJpeg;
  Size stored;                                      // as stored, before orientation
  Orientation orientation = Orientation::kUpright;  // from EXIF; kUpright where there is none or it is invalid
  ColourModel colour = ColourModel::kRgb;
  ChromaSubsampling subsampling = ChromaSubsampling::kNone;
  int bits_per_sample = 8;
  bool has_alpha = false;
  bool progressive = false;  // progressive JPEG
  bool interlaced = false;   // Adam7 PNG
  int restart_interval = 0;  // MCUs between JPEG restart markers; 0: none
  Size thumbnail;            // embedded EXIF thumbnail; {0, 0}: none
  Size displayed() const { return oriented(stored, orientation); }
};

}  // namespace smol
