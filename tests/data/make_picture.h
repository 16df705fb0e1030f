// Test pictures: smooth areas, hard edges and noise, from a seed.
#pragma once

#include <random>

#include "smol/base/image.h"

namespace smol::test {

Image make_picture(Size size, int channels, unsigned seed);

// Whether the two have the same size and bytes.
bool same_pixels(ConstImageView a, ConstImageView b);

// Not empty, inside a picture of that size.
Rect random_rect(std::mt19937& random, Size size);

// A part of a picture.
ConstImageView part_of(ConstImageView whole, const Rect& rect);

}  // namespace smol::test
