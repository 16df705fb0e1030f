// A picture made small enough to stand inside a page.
#pragma once

#include <string>

#include "smol/base/geometry.h"
#include "smol/base/result.h"

namespace smol {

struct SmallPicture {
  std::string data_uri;  // "data:image/jpeg;base64,..."
  Size size;             // upright
};

// The file's picture, upright, its longer side at most `long_side` pixels, as a JPEG. Decoded at the smallest scale
// that has these pixels: a look at the picture, nothing that a figure is made of. Errors are those of reading and
// decoding. Any thread.
Result<SmallPicture> small_picture(const std::string& path, int long_side);

}  // namespace smol
