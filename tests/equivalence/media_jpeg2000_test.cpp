// JPEG 2000: lossless pictures are the source's samples, regions and levels are what they should be.
#include <gtest/gtest.h>

#include <cmath>

#include "make_jpeg2000.h"
#include "make_picture.h"
#include "smol/media/jpeg2000_decoder.h"

namespace smol {
namespace {

using namespace smol::test;

int to_8_bit(int value, int depth) { return static_cast<int>(std::floor(value * 255.0 / ((1 << depth) - 1) + 0.5)); }

// From the samples by plain arithmetic; sYCC in floating point.
Image expected_picture(const Jpeg2000Recipe& recipe) {
  Image image(recipe.size, 3);
  for (int y = 0; y < recipe.size.height; ++y) {
    for (int x = 0; x < recipe.size.width; ++x) {
      const auto sample = [&](int channel) { return to_8_bit(jpeg2000_sample(recipe, channel, y, x), recipe.depth); };
      const bool is_grey = recipe.channels < 3;
      double rgb[3];
      for (int i = 0; i < 3; ++i) rgb[i] = sample(is_grey ? 0 : i);
      if (recipe.sycc) {
        const double luma = rgb[0], blue = rgb[1] - 128, red = rgb[2] - 128;
        rgb[0] = luma + 1.402 * red;
        rgb[1] = luma - 0.344136 * blue - 0.714136 * red;
        rgb[2] = luma + 1.772 * blue;
      }
      for (int i = 0; i < 3; ++i) {
        int value = std::clamp(static_cast<int>(std::floor(rgb[i] + 0.5)), 0, 255);
        if (recipe.alpha) {
          const int alpha = sample(recipe.channels - 1);
          value = (value * alpha + 255 * (255 - alpha) + 127) / 255;
        }
        image.view().row(y)[x * 3 + i] = static_cast<uint8_t>(value);
      }
    }
  }
  return image;
}

int largest_difference(ConstImageView a, ConstImageView b) {
  int largest = 0;
  for (int y = 0; y < a.size.height; ++y) {
    for (int i = 0; i < a.size.width * 3; ++i) largest = std::max(largest, std::abs(a.row(y)[i] - b.row(y)[i]));
  }
  return largest;
}

TEST(Jpeg2000Decoder, LosslessPicturesAreTheSource) {
  const auto decoder = make_jpeg2000_decoder();
  Image picture;
  std::vector<Jpeg2000Recipe> recipes = jpeg2000_recipes({61, 83});
  for (int depth = 1; depth <= 16; ++depth) {
    recipes.push_back({.size = {9, 20}, .channels = depth % 4 == 1 ? 3 : 1, .depth = depth, .boxed = depth % 2 == 0});
    recipes.push_back({.size = {9, 20}, .channels = 1, .depth = depth, .is_signed = true});
  }
  recipes.push_back({.size = {1, 1}, .boxed = false});
  recipes.push_back({.size = {30, 33}, .boxed = false, .sycc = true, .chroma_step_x = 4, .chroma_step_y = 2});
  for (Jpeg2000Recipe recipe : recipes) {
    recipe.lossy = false;
    // OpenJPEG's encoder writes wrong chroma in the last column of tiles (FFmpeg's decoder sees the same).
    if (recipe.sycc) recipe.tile = {};
    SCOPED_TRACE(describe(recipe));
    const auto geometry = decode_image(*decoder, make_jpeg2000(recipe), {}, {}, picture);
    ASSERT_TRUE(geometry.ok()) << geometry.error().message;
    EXPECT_EQ(geometry->covers, (Rect{0, 0, recipe.size.height, recipe.size.width}));
    const Image expected = expected_picture(recipe);
    // Colour conversion in integers is one level away from the exact value at most.
    EXPECT_LE(largest_difference(std::as_const(picture).view(), expected.view()), recipe.sycc ? 1 : 0);
  }
}

TEST(Jpeg2000Decoder, RegionEqualsPartOfFullDecodeAtEveryLevel) {
  std::mt19937 random(23);
  const auto decoder = make_jpeg2000_decoder();
  for (const Size size : {Size{1, 1}, Size{33, 3}, Size{131, 157}, Size{300, 310}}) {
    for (const Jpeg2000Recipe& recipe : jpeg2000_recipes(size)) {
      SCOPED_TRACE(describe(recipe));
      const std::vector<std::byte> file = make_jpeg2000(recipe);
      const auto modes = decoder->modes(file);
      ASSERT_TRUE(modes.ok());
      for (const DecodeMode& mode : *modes) {
        const int scale = mode.spec.scale_denominator;
        Image whole, part;
        ASSERT_TRUE(decode_image(*decoder, file, mode.spec, {}, whole).ok());
        ASSERT_EQ(whole.size(), mode.size);
        for (int i = 0; i < 12; ++i) {
          DecodeSpec spec = mode.spec;
          spec.region = random_rect(random, size);
          spec.read_to_end = i % 4 == 3;
          const auto geometry = decode_image(*decoder, file, spec, {}, part);
          ASSERT_TRUE(geometry.ok()) << geometry.error().message;
          ASSERT_EQ(geometry->scale_denominator, scale);
          ASSERT_EQ(geometry->full, size);
          const Rect& covers = geometry->covers;
          ASSERT_TRUE(covers.top <= spec.region->top && covers.left <= spec.region->left &&
                      covers.bottom >= spec.region->bottom && covers.right >= spec.region->right);
          const Rect rect{covers.top / scale, covers.left / scale, covers.bottom / scale, covers.right / scale};
          ASSERT_TRUE(same_pixels(std::as_const(part).view(), part_of(std::as_const(whole).view(), rect)))
              << "1/" << scale << " " << covers.left << "," << covers.top << "-" << covers.right << ","
              << covers.bottom;
        }
      }
    }
  }
}

// The mean difference; levels are low-pass filtered by the wavelet, which a box approximates.
double distance_to_box_average(ConstImageView full, ConstImageView small, int scale) {
  double sum = 0;
  for (int y = 0; y < small.size.height; ++y) {
    for (int i = 0; i < small.size.width * 3; ++i) {
      double box = 0;
      int count = 0;
      for (int row = y * scale; row < std::min((y + 1) * scale, full.size.height); ++row) {
        for (int x = i / 3 * scale; x < std::min((i / 3 + 1) * scale, full.size.width); ++x, ++count) {
          box += full.row(row)[x * 3 + i % 3];
        }
      }
      sum += std::abs(box / count - small.row(y)[i]);
    }
  }
  return sum / (small.size.height * small.size.width * 3.0);
}

TEST(Jpeg2000Decoder, LevelsAreNearABoxAverage) {
  const auto decoder = make_jpeg2000_decoder();
  for (const Jpeg2000Recipe& recipe : jpeg2000_recipes({131, 157})) {
    SCOPED_TRACE(describe(recipe));
    const std::vector<std::byte> file = make_jpeg2000(recipe);
    const auto modes = decoder->modes(file);
    ASSERT_TRUE(modes.ok());
    // An odd offset leaves no level that begins where the picture does.
    EXPECT_EQ(static_cast<int>(modes->size()), recipe.offset.width == 7 ? 1 : recipe.levels + 1);
    Image full, small;
    ASSERT_TRUE(decode_image(*decoder, file, {}, {}, full).ok());
    for (const int scale : {2, 4}) {
      const auto geometry = decode_image(*decoder, file, {.scale_denominator = scale}, {}, small);
      ASSERT_TRUE(geometry.ok()) << geometry.error().message;
      if (geometry->scale_denominator != scale) {
        EXPECT_EQ(geometry->scale_denominator, modes->back().spec.scale_denominator) << "the largest the file has";
        continue;
      }
      EXPECT_EQ(geometry->size, (Size{(131 + scale - 1) / scale, (157 + scale - 1) / scale}));
      EXPECT_LT(distance_to_box_average(std::as_const(full).view(), std::as_const(small).view(), scale), 12.0);
    }
  }
}

TEST(Jpeg2000Decoder, HeaderTellsWhatItIs) {
  const auto decoder = make_jpeg2000_decoder();
  const auto info_of = [&](const Jpeg2000Recipe& recipe) { return decoder->inspect(make_jpeg2000(recipe)).value(); };
  const ImageInfo grey = info_of({.channels = 2, .depth = 12, .alpha = true});
  EXPECT_EQ(grey.stored, (Size{61, 83}));
  EXPECT_EQ(grey.colour, ColourModel::kGrey);
  EXPECT_TRUE(grey.has_alpha);
  EXPECT_EQ(grey.bits_per_sample, 12);
  const ImageInfo sycc = info_of({.sycc = true, .chroma_step_x = 2, .chroma_step_y = 2});
  EXPECT_EQ(sycc.colour, ColourModel::kYcbcr);
  EXPECT_EQ(sycc.subsampling, ChromaSubsampling::k420);
  EXPECT_EQ(info_of({.boxed = false, .offset = {4, 8}}).colour, ColourModel::kRgb);
}

}  // namespace
}  // namespace smol
