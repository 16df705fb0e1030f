#include <gtest/gtest.h>

#include "make_exif.h"
#include "make_jpeg.h"
#include "smol/report/small_picture.h"
#include "temporary_directory.h"

namespace smol {
namespace {

using test::JpegRecipe;

std::string jpeg_of(const JpegRecipe& recipe) {
  const std::vector<std::byte> bytes = test::make_jpeg(recipe);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(SmallPicture, FitsItsLongSideAndKeepsItsShape) {
  const TemporaryDirectory folder;
  for (const auto& [stored, small] : std::vector<std::pair<Size, Size>>{{{300, 400}, {60, 80}},
                                                                        {{400, 300}, {80, 60}},
                                                                        {{1600, 1601}, {79, 80}},
                                                                        {{20, 30}, {20, 30}},
                                                                        {{1, 500}, {1, 80}}}) {
    JpegRecipe recipe;
    recipe.size = stored;
    const auto picture = small_picture(folder.write("a.jpg", jpeg_of(recipe)), 80);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(picture->size, small);
    EXPECT_TRUE(picture->data_uri.starts_with("data:image/jpeg;base64,/9j/"));
  }
}

TEST(SmallPicture, IsUpright) {
  const TemporaryDirectory folder;
  JpegRecipe recipe;
  recipe.size = {300, 400};
  recipe.exif = test::make_orientation_exif(6);
  const auto picture = small_picture(folder.write("a.jpg", jpeg_of(recipe)), 80);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->size, (Size{80, 60}));
}

TEST(SmallPicture, SaysWhyThereIsNone) {
  const TemporaryDirectory folder;
  EXPECT_EQ(small_picture((folder / "none.jpg").string(), 80).error().code, ItemErrorCode::kNotFound);
  EXPECT_EQ(small_picture(folder.write("a.jpg", "no picture"), 80).error().code, ItemErrorCode::kUnknownFormat);
}

}  // namespace
}  // namespace smol
