// What a WebP file says of itself outside its pixels: the RIFF chunks, read without the library.
#pragma once

#include "smol/base/geometry.h"
#include "smol/base/result.h"
#include "smol/media/bytes.h"

namespace smol {

// The spans are parts of the file.
struct WebpContainer {
  Size canvas;  // of the picture; {0, 0}: the file has no VP8X chunk, so that the bitstream alone says it
  bool animated = false;
  Rect frame;       // of an animation: where the first frame lies on the canvas
  Bytes bitstream;  // of the first frame: its chunks from ALPH, VP8 or VP8L on, as libwebp takes them
  Bytes exif;       // the TIFF header and what follows
  Bytes xmp;
  bool whole = false;  // the file is as long as it says
};

// A file that ends early gives what stands before its end. kCorrupt, or kTruncated if no bitstream begins in it.
Result<WebpContainer> read_webp_container(Bytes webp);

}  // namespace smol
