// OpenJPEG behind RAII: its errors and warnings as values, its input from memory.
#pragma once

#include <openjpeg.h>

#include <memory>
#include <string>

#include "smol/base/geometry.h"
#include "smol/base/result.h"
#include "smol/media/bytes.h"

namespace smol {

struct Jpeg2000ImageFree {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};
using Jpeg2000Image = std::unique_ptr<opj_image_t, Jpeg2000ImageFree>;

struct Jpeg2000Request {
  bool boxed = false;     // .jp2, not a raw codestream
  int halvings = 0;       // of the size
  bool has_area = false;  // otherwise the whole picture
  Rect area;              // on the reference grid, at full size
};

// Decodes in one thread. Every warning is an error; nothing is printed.
Result<Jpeg2000Image> decode_jpeg2000(Bytes bytes, const Jpeg2000Request& request);

}  // namespace smol
