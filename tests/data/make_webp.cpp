#include "make_webp.h"

#include <webp/encode.h>

#include <memory>
#include <stdexcept>

#include "make_picture.h"

namespace smol::test {

std::vector<std::byte> make_webp(const WebpRecipe& recipe) {
  WebPConfig config;
  WebPPicture picture;
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&picture) == 0) throw std::runtime_error("another libwebp");
  config.lossless = recipe.lossless ? 1 : 0;
  config.quality = 30;
  config.filter_strength = 60;
  config.filter_type = recipe.simple_filter ? 0 : 1;
  config.partitions = recipe.partitions;
  config.method = 2;
  picture.use_argb = config.lossless;
  picture.width = recipe.size.width;
  picture.height = recipe.size.height;
  const Image pixels = make_picture(recipe.size, recipe.alpha ? 4 : 3, 5);
  const ConstImageView view = pixels.view();
  const auto import = recipe.alpha ? WebPPictureImportRGBA : WebPPictureImportRGB;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &writer;
  const bool ok =
      import(&picture, view.data, static_cast<int>(view.stride_bytes)) != 0 && WebPEncode(&config, &picture) != 0;
  WebPPictureFree(&picture);
  const auto* first = reinterpret_cast<const std::byte*>(writer.mem);
  std::vector<std::byte> file(first, first + writer.size);
  WebPMemoryWriterClear(&writer);
  if (!ok) throw std::runtime_error("libwebp does not encode " + describe(recipe));
  return file;
}

std::vector<WebpRecipe> webp_recipes(Size size) {
  return {{.size = size},
          {.size = size, .alpha = true},
          {.size = size, .simple_filter = true},
          {.size = size, .partitions = 2},
          {.size = size, .lossless = true},
          {.size = size, .lossless = true, .alpha = true}};
}

std::string describe(const WebpRecipe& recipe) {
  return std::string(recipe.lossless ? "lossless " : "lossy ") + (recipe.alpha ? "alpha " : "") +
         (recipe.simple_filter ? "simple filter " : "") + std::to_string(1 << recipe.partitions) + " partitions " +
         std::to_string(recipe.size.width) + "x" + std::to_string(recipe.size.height);
}

}  // namespace smol::test
