// PNM: the portable bitmaps, greymaps and pixmaps of netpbm, P1 to P7.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// Samples become 8 bit by rounding v * 255 / maxval; a sample over maxval is kCorrupt. Of several pictures in a file
// the first. PAM (P7): depth 1 to 4, the second or fourth sample being alpha; other depths are kUnsupportedFormat.
// DecodeSpec::region: exactly the region; rows below are not read, rows above only where samples are text.
std::unique_ptr<Decoder> make_pnm_decoder();

}  // namespace smol
