// How far cheaper pixels are from those of the full decode.
#pragma once

#include "smol/base/decode_spec.h"
#include "smol/base/image.h"

namespace smol::cli {

// Over all channels, against the full decode brought to the same size: every pixel of `decoded` against the mean of
// the area that it stands for (box filter).
double mean_squared_error(ConstImageView full, ConstImageView decoded, const DecodedGeometry& geometry);

double psnr_db(double mean_squared_error);  // infinite: every pixel is the same

}  // namespace smol::cli
