// orient() against the definition of each orientation, pixel by pixel.
#include <gtest/gtest.h>

#include "make_picture.h"
#include "smol/base/error.h"
#include "smol/base/orient.h"

namespace smol {
namespace {

using namespace smol::test;

// Where Pillow's transpositions take the pixel of output (y, x) from.
const uint8_t* source_pixel(ConstImageView in, Orientation orientation, int y, int x) {
  const int last_y = in.size.height - 1;
  const int last_x = in.size.width - 1;
  const auto at = [&](int row, int column) { return in.row(row) + column * in.channels; };
  switch (orientation) {
    case Orientation::kUpright: return at(y, x);
    case Orientation::kFlipHorizontally: return at(y, last_x - x);
    case Orientation::kRotate180: return at(last_y - y, last_x - x);
    case Orientation::kFlipVertically: return at(last_y - y, x);
    case Orientation::kTranspose: return at(x, y);
    case Orientation::kRotate90Clockwise: return at(last_y - x, y);
    case Orientation::kTransverse: return at(last_y - x, last_x - y);
    case Orientation::kRotate90CounterClockwise: return at(x, last_x - y);
  }
  return nullptr;
}

TEST(Orient, EqualsTheDefinition) {
  for (const Size size :
       {Size{1, 1}, Size{1, 9}, Size{9, 1}, Size{48, 48}, Size{49, 47}, Size{100, 150}, Size{151, 97}}) {
    for (const int channels : {1, 3, 4}) {
      const Image in = make_picture(size, channels, 3);
      for (int value = 1; value <= 8; ++value) {
        const auto orientation = static_cast<Orientation>(value);
        Image out(oriented(size, orientation), channels);
        orient(in.view(), orientation, out.view());
        for (int y = 0; y < out.size().height; ++y) {
          for (int x = 0; x < out.size().width; ++x) {
            const uint8_t* expected = source_pixel(in.view(), orientation, y, x);
            for (int c = 0; c < channels; ++c) {
              ASSERT_EQ(out.view().row(y)[x * channels + c], expected[c]) << value << " at " << x << "," << y;
            }
          }
        }
      }
    }
  }
}

TEST(Orient, RespectsStridesAndWritesNothingElse) {
  const Image whole = make_picture({60, 80}, 3, 5);
  const ConstImageView in = part_of(whole.view(), {7, 9, 47, 69});
  Image packed(oriented(in.size, Orientation::kRotate90Clockwise), 3);
  orient(in, Orientation::kRotate90Clockwise, packed.view());
  Image canvas = make_picture({100, 100}, 3, 6);
  const Image before = make_picture({100, 100}, 3, 6);
  ImageView target = canvas.view();
  target.data += 10 * target.stride_bytes + 20 * 3;
  target.size = packed.size();
  orient(in, Orientation::kRotate90Clockwise, target);
  EXPECT_TRUE(same_pixels(target, packed.view()));
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 100; ++x) {
      const bool inside = y >= 10 && y < 10 + target.size.height && x >= 20 && x < 20 + target.size.width;
      ASSERT_TRUE(inside || canvas.view().row(y)[x * 3] == before.view().row(y)[x * 3]);
    }
  }
}

TEST(Orient, RefusesWrongSizesAndChannels) {
  const Image in({4, 6}, 3);
  Image same({4, 6}, 3);
  Image grey({6, 4}, 1);
  EXPECT_THROW(orient(in.view(), Orientation::kTranspose, same.view()), Error);
  EXPECT_THROW(orient(in.view(), Orientation::kTranspose, grey.view()), Error);
}

}  // namespace
}  // namespace smol
