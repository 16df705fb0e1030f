// Embedded thumbnails often have a fixed shape (EXIF: 160x120) with bars around pictures of another one.
#pragma once

#include "smol/base/image.h"

namespace smol {

// The part of `thumbnail` that shows a picture of size `picture`, both as stored. Bars are cut off only where the two
// aspect ratios say that there must be some, to a pixel, and only if they are of one colour, the same on both sides;
// otherwise all of the thumbnail is content. Both sizes must not be empty.
Rect thumbnail_content(ConstImageView thumbnail, Size picture);

}  // namespace smol
