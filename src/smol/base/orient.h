// Turns a picture the way up that its EXIF orientation says.
#pragma once

#include "smol/base/image.h"

namespace smol {

// Writes `in`, rotated and mirrored as PIL.ImageOps.exif_transpose does it, to `out`, whose size must be
// oriented(in.size, orientation). 1, 3 or 4 channels, the same in both; the memory must not overlap. Wrong sizes or
// channels throw Error(kUsage). Works in square blocks, so that quarter turns read and write whole cache lines.
void orient(ConstImageView in, Orientation orientation, ImageView out);

}  // namespace smol
