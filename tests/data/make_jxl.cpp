#include "make_jxl.h"

#include <jxl/encode_cxx.h>

#include <stdexcept>

#include "make_picture.h"

namespace smol::test {
namespace {

void expect_success(JxlEncoderStatus status) {
  if (status != JXL_ENC_SUCCESS) throw std::runtime_error("libjxl does not encode");
}

JxlBasicInfo info_of(const JxlRecipe& recipe) {
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = static_cast<uint32_t>(recipe.size.width);
  info.ysize = static_cast<uint32_t>(recipe.size.height);
  info.bits_per_sample = 8;
  info.num_color_channels = recipe.channels < 3 ? 1 : 3;
  info.alpha_bits = recipe.channels % 2 == 0 ? 8 : 0;
  info.num_extra_channels = recipe.channels % 2 == 0 ? 1 : 0;
  info.uses_original_profile = recipe.lossless ? JXL_TRUE : JXL_FALSE;
  info.orientation = static_cast<JxlOrientation>(recipe.orientation);
  if (recipe.frames > 1) {
    info.have_animation = JXL_TRUE;
    info.animation.tps_numerator = 10;
    info.animation.tps_denominator = 1;
  }
  return info;
}

}  // namespace

Image jxl_picture(const JxlRecipe& recipe) { return make_picture(recipe.size, recipe.channels, 9); }

std::vector<std::byte> make_jxl(const JxlRecipe& recipe) {
  const JxlEncoderPtr encoder = JxlEncoderMake(nullptr);
  if (!encoder) throw std::runtime_error("libjxl makes no encoder");
  expect_success(JxlEncoderUseContainer(encoder.get(), recipe.container ? JXL_TRUE : JXL_FALSE));
  const JxlBasicInfo info = info_of(recipe);
  expect_success(JxlEncoderSetBasicInfo(encoder.get(), &info));
  JxlColorEncoding colour;
  JxlColorEncodingSetToSRGB(&colour, info.num_color_channels == 1 ? JXL_TRUE : JXL_FALSE);
  expect_success(JxlEncoderSetColorEncoding(encoder.get(), &colour));
  JxlEncoderFrameSettings* settings = JxlEncoderFrameSettingsCreate(encoder.get(), nullptr);
  expect_success(JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, 3));
  expect_success(JxlEncoderSetFrameLossless(settings, recipe.lossless ? JXL_TRUE : JXL_FALSE));
  const JxlPixelFormat format{static_cast<uint32_t>(recipe.channels), JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  for (int frame = 0; frame < recipe.frames; ++frame) {
    const Image pixels = frame == 0 ? jxl_picture(recipe) : make_picture(recipe.size, recipe.channels, 30);
    if (recipe.frames > 1) {
      JxlFrameHeader header;
      JxlEncoderInitFrameHeader(&header);
      header.duration = 1;
      expect_success(JxlEncoderSetFrameHeader(settings, &header));
    }
    expect_success(JxlEncoderAddImageFrame(settings, &format, pixels.view().data,
                                           static_cast<size_t>(recipe.size.pixels()) * recipe.channels));
  }
  JxlEncoderCloseInput(encoder.get());
  std::vector<std::byte> file(1 << 20);
  auto* next = reinterpret_cast<uint8_t*>(file.data());
  size_t left = file.size();
  expect_success(JxlEncoderProcessOutput(encoder.get(), &next, &left));
  file.resize(file.size() - left);
  return file;
}

std::vector<JxlRecipe> jxl_recipes(Size size) {
  return {{.size = size},
          {.size = size, .channels = 1},
          {.size = size, .channels = 2, .container = true},
          {.size = size, .channels = 4, .orientation = 6},
          {.size = size, .lossless = false, .container = true, .orientation = 3},
          {.size = size, .channels = 4, .lossless = false},
          {.size = size, .frames = 3}};
}

std::string describe(const JxlRecipe& recipe) {
  return std::string(recipe.lossless ? "lossless " : "lossy ") + std::to_string(recipe.channels) + " channels, " +
         std::to_string(recipe.frames) + " frames, " + std::to_string(recipe.size.width) + "x" +
         std::to_string(recipe.size.height);
}

}  // namespace smol::test
