// What smol needs of EXIF: the orientation, and where the embedded thumbnail lies. Safe on hostile bytes.
#pragma once

#include <cstddef>
#include <span>

#include "smol/base/geometry.h"

namespace smol {

struct ExifInfo {
  Orientation orientation = Orientation::kUpright;  // kUpright if absent or not 1..8
  std::span<const std::byte> thumbnail;             // JPEG bytes within the input; empty: none
};

// `tiff` starts with the byte order mark ("II*\0" or "MM\0*"), as in JPEG APP1 behind "Exif\0\0" and in PNG eXIf.
// Broken structures give what could be read before them.
ExifInfo parse_exif(std::span<const std::byte> tiff);

// The EXIF block of a JPEG file (the part behind "Exif\0\0"); empty: none.
std::span<const std::byte> find_exif_in_jpeg(std::span<const std::byte> file);

// Height and width in a JPEG's first start-of-frame marker; {0, 0} if there is none.
Size find_jpeg_size(std::span<const std::byte> file);

}  // namespace smol
