// What a directory of a TIFF says about its picture: size, blocks, and how the pixels will be had.
#pragma once

#include "smol/base/image_info.h"
#include "smol/base/result.h"
#include "smol/media/tiff_file.h"
#include "smol/media/tiff_samples.h"

namespace smol {

// Blocks are strips (as wide as the picture) or tiles (which may reach past its right and bottom edge).
struct TiffLayout {
  Size size;
  Size block;
  bool tiled = false;
  bool uncompressed = false;
  bool by_rgba_image =
      false;                // libtiff's TIFFRGBAImage converts to 8-bit RGBA; otherwise samples are read as they are
  TiffPixel pixel;          // of a decoded block: samples as they are, or RGBA
  int64_t block_bytes = 0;  // decoded; 0: libtiff cannot tell
  ImageInfo info;
};

// Of the current directory. kUnsupportedFormat for what is not decoded, kCorrupt for what makes no sense. A picture
// of YCbCr in JPEG is switched to RGB.
Result<TiffLayout> read_tiff_layout(TiffFile& file);

// kTruncated if a strip or tile of the current directory ends behind the file.
Status check_tiff_blocks_in_file(const TiffFile& file);

}  // namespace smol
