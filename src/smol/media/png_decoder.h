// PNG: every colour type and depth, Adam7, transparency. Pictures as most are go through ISA-L (fast_png.h), the
// others through libpng, with the same pixels and the same verdict about damage.
#pragma once

#include <memory>

#include "smol/media/decoder.h"

namespace smol {

// 16 bit become 8 by rounding (v * 255 / 65535); alpha and tRNS are composited over kAlphaBackground in integers,
// rounded to nearest; gamma and colour profiles are not applied.
//
// DecodeSpec::region: rows below are not read, rows above are inflated and dropped; exactly the region is returned.
// An interlaced picture is read to its end, and the rows of the region are held in memory. PNG does not scale: any
// scale_denominator decodes at 1. Throws Error(kUsage) for an empty region or one outside the picture.
std::unique_ptr<Decoder> make_png_decoder();

}  // namespace smol
