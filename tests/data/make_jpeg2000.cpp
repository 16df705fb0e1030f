#include "make_jpeg2000.h"

#include <openjpeg.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace smol::test {
namespace {

struct Output {
  std::vector<std::byte> bytes;
  size_t offset = 0;
};

OPJ_SIZE_T write_output(void* source, OPJ_SIZE_T count, void* user) {
  auto& output = *static_cast<Output*>(user);
  if (output.bytes.size() < output.offset + count) output.bytes.resize(output.offset + count);
  std::memcpy(output.bytes.data() + output.offset, source, count);
  output.offset += count;
  return count;
}

OPJ_OFF_T skip_output(OPJ_OFF_T count, void* user) {
  static_cast<Output*>(user)->offset += static_cast<size_t>(count);
  return count;
}

OPJ_BOOL seek_output(OPJ_OFF_T offset, void* user) {
  static_cast<Output*>(user)->offset = static_cast<size_t>(offset);
  return OPJ_TRUE;
}

opj_cparameters_t parameters_of(const Jpeg2000Recipe& recipe) {
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.tcp_numlayers = recipe.layers;
  for (int i = 0; i < recipe.layers; ++i) {
    parameters.tcp_rates[i] = static_cast<float>(i + 1 == recipe.layers ? (recipe.lossy ? 6 : 0) : 40 >> i);
  }
  parameters.cp_disto_alloc = 1;
  parameters.irreversible = recipe.lossy ? 1 : 0;
  // The encoder refuses levels that leave nothing of a tile.
  const int side = std::min(recipe.size.short_side(), recipe.tile.pixels() != 0 ? recipe.tile.short_side() : 32);
  parameters.numresolution =
      std::min(recipe.levels + 1, static_cast<int>(std::bit_width(static_cast<unsigned>(side))));
  parameters.cblockw_init = parameters.cblockh_init = recipe.block_side;
  parameters.prog_order = static_cast<OPJ_PROG_ORDER>(recipe.progression);
  parameters.tcp_mct = recipe.channels == 3 && !recipe.sycc ? 1 : 0;
  if (recipe.precinct_side != 0) {
    parameters.csty |= 1;
    parameters.res_spec = 1;
    parameters.prcw_init[0] = parameters.prch_init[0] = recipe.precinct_side;
  }
  if (recipe.tile.pixels() != 0) {
    parameters.tile_size_on = OPJ_TRUE;
    parameters.cp_tdx = recipe.tile.width;
    parameters.cp_tdy = recipe.tile.height;
  }
  return parameters;
}

using ImagePointer = std::unique_ptr<opj_image_t, decltype(&opj_image_destroy)>;

ImagePointer image_of(const Jpeg2000Recipe& recipe) {
  opj_image_cmptparm_t components[4] = {};
  for (int i = 0; i < recipe.channels; ++i) {
    const bool is_chroma = i == 1 || i == 2;
    const int dx = is_chroma ? recipe.chroma_step_x : 1, dy = is_chroma ? recipe.chroma_step_y : 1;
    components[i].dx = static_cast<OPJ_UINT32>(dx);
    components[i].dy = static_cast<OPJ_UINT32>(dy);
    components[i].w = static_cast<OPJ_UINT32>((recipe.size.width + dx - 1) / dx);
    components[i].h = static_cast<OPJ_UINT32>((recipe.size.height + dy - 1) / dy);
    components[i].x0 = static_cast<OPJ_UINT32>(recipe.offset.width / dx);
    components[i].y0 = static_cast<OPJ_UINT32>(recipe.offset.height / dy);
    components[i].prec = static_cast<OPJ_UINT32>(recipe.depth);
    components[i].sgnd = recipe.is_signed ? 1 : 0;
  }
  const OPJ_COLOR_SPACE space = recipe.sycc           ? OPJ_CLRSPC_SYCC
                                : recipe.channels > 2 ? OPJ_CLRSPC_SRGB
                                                      : OPJ_CLRSPC_GRAY;
  ImagePointer image(opj_image_create(static_cast<OPJ_UINT32>(recipe.channels), components, space),
                     opj_image_destroy);
  if (!image) throw std::runtime_error("OpenJPEG makes no picture");
  image->x0 = static_cast<OPJ_UINT32>(recipe.offset.width);
  image->y0 = static_cast<OPJ_UINT32>(recipe.offset.height);
  image->x1 = image->x0 + static_cast<OPJ_UINT32>(recipe.size.width);
  image->y1 = image->y0 + static_cast<OPJ_UINT32>(recipe.size.height);
  for (int i = 0; i < recipe.channels; ++i) {
    opj_image_comp_t& component = image->comps[i];
    const int low = recipe.is_signed ? 1 << (recipe.depth - 1) : 0;
    const int dx = static_cast<int>(component.dx), dy = static_cast<int>(component.dy);
    for (int y = 0; y < static_cast<int>(component.h); ++y) {
      for (int x = 0; x < static_cast<int>(component.w); ++x) {
        component.data[y * static_cast<int>(component.w) + x] = jpeg2000_sample(recipe, i, y * dy, x * dx) - low;
      }
    }
  }
  if (recipe.alpha) image->comps[recipe.channels - 1].alpha = 1;
  return image;
}

}  // namespace

int jpeg2000_sample(const Jpeg2000Recipe& recipe, int channel, int y, int x) {
  const bool is_chroma = channel == 1 || channel == 2;
  if (is_chroma) {
    x -= x % recipe.chroma_step_x;
    y -= y % recipe.chroma_step_y;
  }
  uint32_t noise = static_cast<uint32_t>(x) * 0x9e3779b1u ^ static_cast<uint32_t>(y) * 0x85ebca6bu ^
                   static_cast<uint32_t>(channel) * 0xc2b2ae35u;
  noise = (noise ^ noise >> 15) * 0x2c1b3c6du;
  const int max = (1 << recipe.depth) - 1;
  const int smooth = (x * (channel + 1) + 2 * y) % 512;
  const int ramp = smooth < 256 ? smooth : 511 - smooth;
  return std::clamp(ramp * max / 255 + static_cast<int>((noise >> 16) % 16) * max / 255, 0, max);
}

std::vector<std::byte> make_jpeg2000(const Jpeg2000Recipe& recipe) {
  const std::unique_ptr<opj_codec_t, decltype(&opj_destroy_codec)> codec(
      opj_create_compress(recipe.boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K), opj_destroy_codec);
  const std::unique_ptr<opj_stream_t, decltype(&opj_stream_destroy)> stream(
      opj_stream_default_create(OPJ_STREAM_WRITE), opj_stream_destroy);
  if (!codec || !stream) throw std::runtime_error("OpenJPEG makes no encoder");
  Output output;
  opj_stream_set_user_data(stream.get(), &output, nullptr);
  opj_stream_set_write_function(stream.get(), write_output);
  opj_stream_set_skip_function(stream.get(), skip_output);
  opj_stream_set_seek_function(stream.get(), seek_output);
  opj_cparameters_t parameters = parameters_of(recipe);
  const ImagePointer image = image_of(recipe);
  if (opj_setup_encoder(codec.get(), &parameters, image.get()) == OPJ_FALSE ||
      opj_start_compress(codec.get(), image.get(), stream.get()) == OPJ_FALSE ||
      opj_encode(codec.get(), stream.get()) == OPJ_FALSE ||
      opj_end_compress(codec.get(), stream.get()) == OPJ_FALSE) {
    throw std::runtime_error("OpenJPEG does not encode " + describe(recipe));
  }
  return output.bytes;
}

std::vector<Jpeg2000Recipe> jpeg2000_recipes(Size size) {
  return {{.size = size},
          {.size = size, .channels = 1, .boxed = false},
          {.size = size, .channels = 2, .alpha = true, .levels = 1},
          {.size = size, .channels = 4, .alpha = true, .lossy = true, .layers = 3, .progression = 3},
          {.size = size, .lossy = true, .tile = {37, 50}, .levels = 2, .progression = 2},
          {.size = size, .boxed = false, .tile = {64, 32}, .precinct_side = 64, .layers = 2, .progression = 4},
          {.size = size, .sycc = true, .chroma_step_x = 2, .chroma_step_y = 2, .lossy = true, .levels = 3},
          {.size = size, .sycc = true, .chroma_step_x = 2, .tile = {40, 40}, .block_side = 16},
          {.size = size, .depth = 12, .lossy = true, .offset = {64, 32}, .levels = 3, .block_side = 32},
          {.size = size, .channels = 1, .depth = 16, .is_signed = true, .offset = {3, 7}, .progression = 1}};
}

std::string describe(const Jpeg2000Recipe& recipe) {
  return std::string(recipe.boxed ? "jp2 " : "codestream ") + (recipe.lossy ? "lossy " : "lossless ") +
         std::to_string(recipe.channels) + "x" + std::to_string(recipe.depth) + " bit, " +
         std::to_string(recipe.size.width) + "x" + std::to_string(recipe.size.height) + ", tiles " +
         std::to_string(recipe.tile.width) + "x" + std::to_string(recipe.tile.height) + ", chroma " +
         std::to_string(recipe.chroma_step_x) + "x" + std::to_string(recipe.chroma_step_y);
}

}  // namespace smol::test
