// The boxes of a HEIF file (ISO/IEC 23008-12), as far as libheif does not tell of them.
#pragma once

#include <cstdint>

#include "smol/media/bytes.h"

namespace smol {

enum class HeifStructure : uint8_t {
  kPlain,    // every item is a coded picture (HEVC, AV1) or metadata: what the decoder gives is what is shown
  kOneTile,  // the same, but for a grid of one coded picture that is larger than what is shown: its upper left part
  kOther     // larger grids, overlays; pictures that are cropped, turned or mirrored; whatever is not known
};

HeifStructure heif_structure(Bytes file);

}  // namespace smol
