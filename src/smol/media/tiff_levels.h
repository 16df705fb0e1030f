// The smaller copies of a picture that a TIFF brings along.
#pragma once

#include <vector>

#include "smol/base/geometry.h"
#include "smol/media/tiff_file.h"

namespace smol {

struct TiffLevel {
  int denominator = 1;     // a power of two, 2 to 32
  Size size;               // the full size over the denominator, rounded up or down
  uint64_t directory = 0;  // offset in the file
};

// From large to small; at most one of each denominator. Levels are the first directory's sub-directories, and the
// directories behind it up to the next one of a picture of its own, that say NewSubfileType "reduced resolution" and
// that are decoded. `file` stands at its first directory, before and after.
std::vector<TiffLevel> find_tiff_levels(TiffFile& file, Size full);

}  // namespace smol
