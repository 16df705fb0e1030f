// The two things smol wants from EXIF: which way is up, and where the thumbnail is.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "smol/base/geometry.h"

namespace smol {

struct Exif {
  // nullopt: no such tag, so that XMP may still say it. A value outside 1..8 is kUpright.
  std::optional<Orientation> orientation;
  // The bytes of the embedded JPEG thumbnail, a part of what was given; empty if there is none.
  std::span<const std::byte> thumbnail;
};

// `tiff` is the EXIF block from its TIFF header ("II*\0" or "MM\0*") on: of a JPEG's APP1 segment behind "Exif\0\0",
// or a PNG's eXIf chunk. Any bytes may be given; what cannot be read is absent. Follows PIL.ImageOps.exif_transpose:
// the first orientation tag of the first directory counts, and only if its type is an integer one. No allocation.
Exif read_exif(std::span<const std::byte> tiff);

// Orientation in an XMP packet (`tiff:Orientation`), which Pillow uses when EXIF has none.
std::optional<Orientation> read_xmp_orientation(std::span<const std::byte> xmp);

}  // namespace smol
