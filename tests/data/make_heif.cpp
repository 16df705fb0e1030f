#include "make_heif.h"

#include <libheif/heif.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "make_picture.h"
#include "smol/media/heif_plugins.h"

// The encoder of HEVC leaks; nothing of ours is meant.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265\n"; }

namespace smol::test {
namespace {

template <typename T>
using Owner = std::unique_ptr<T, void (*)(T*)>;

void check(const heif_error& error) {
  if (error.code != heif_error_Ok) throw std::runtime_error(std::string("libheif: ") + error.message);
}

void release_handle(heif_image_handle* handle) { heif_image_handle_release(handle); }
void release_image(heif_image* image) { heif_image_release(image); }

heif_error append(heif_context*, const void* data, size_t size, void* user) {
  const auto* bytes = static_cast<const std::byte*>(data);
  auto& file = *static_cast<std::vector<std::byte>*>(user);
  file.insert(file.end(), bytes, bytes + size);
  return {heif_error_Ok, heif_suberror_Unspecified, "ok"};
}

}  // namespace

std::vector<std::byte> make_heif(const HeifRecipe& recipe) {
  const Owner<heif_context> context(heif_context_alloc(), heif_context_free);
  heif_encoder* made_encoder = nullptr;
  check(heif_context_get_encoder_for_format(context.get(), recipe.av1 ? heif_compression_AV1 : heif_compression_HEVC,
                                            &made_encoder));
  const Owner<heif_encoder> encoder(made_encoder, heif_encoder_release);
  check(heif_encoder_set_lossy_quality(made_encoder, recipe.quality));
  check(heif_encoder_set_parameter_string(made_encoder, "chroma", recipe.chroma));

  const Image rgb = make_picture(recipe.size, 3, recipe.seed);
  const int channels = recipe.alpha ? 4 : 3;
  heif_image* made_image = nullptr;
  check(heif_image_create(recipe.size.width, recipe.size.height, heif_colorspace_RGB,
                          recipe.alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &made_image));
  const Owner<heif_image> image(made_image, release_image);
  check(heif_image_add_plane(made_image, heif_channel_interleaved, recipe.size.width, recipe.size.height, 8));
  int stride = 0;
  uint8_t* pixels = heif_image_get_plane(made_image, heif_channel_interleaved, &stride);
  for (int y = 0; y < recipe.size.height; ++y) {
    for (int x = 0; x < recipe.size.width; ++x) {
      uint8_t* pixel = pixels + ptrdiff_t{y} * stride + ptrdiff_t{x} * channels;
      std::memcpy(pixel, std::as_const(rgb).view().row(y) + ptrdiff_t{x} * 3, 3);
      if (recipe.alpha) pixel[3] = x < recipe.size.width / 2 ? 128 : 255;
    }
  }
  heif_image_handle* made_handle = nullptr;
  check(heif_context_encode_image(context.get(), made_image, made_encoder, nullptr, &made_handle));
  const Owner<heif_image_handle> handle(made_handle, release_handle);
  if (recipe.thumbnail_side > 0) {
    heif_image_handle* thumbnail = nullptr;
    check(heif_context_encode_thumbnail(context.get(), made_image, made_handle, made_encoder, nullptr,
                                        recipe.thumbnail_side, &thumbnail));
    heif_image_handle_release(thumbnail);
  }
  std::vector<std::byte> file;
  heif_writer writer{1, append};
  check(heif_context_write(context.get(), &writer, &file));
  return file;
}

Image plain_heif_decode(std::span<const std::byte> file, int channels) {
  step_aside_for_libheif(true);
  const Owner<heif_context> context(heif_context_alloc(), heif_context_free);
  check(heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr));
  heif_image_handle* made_handle = nullptr;
  check(heif_context_get_primary_image_handle(context.get(), &made_handle));
  const Owner<heif_image_handle> handle(made_handle, release_handle);
  heif_image* made_image = nullptr;
  check(heif_decode_image(made_handle, &made_image, heif_colorspace_RGB,
                          channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, nullptr));
  step_aside_for_libheif(false);
  const Owner<heif_image> image(made_image, release_image);
  Image picture({heif_image_get_primary_height(made_image), heif_image_get_primary_width(made_image)}, channels);
  int stride = 0;
  const uint8_t* pixels = heif_image_get_plane_readonly(made_image, heif_channel_interleaved, &stride);
  for (int y = 0; y < picture.size().height; ++y) {
    std::memcpy(picture.view().row(y), pixels + ptrdiff_t{y} * stride,
                static_cast<size_t>(picture.size().width) * static_cast<size_t>(channels));
  }
  return picture;
}

}  // namespace smol::test
