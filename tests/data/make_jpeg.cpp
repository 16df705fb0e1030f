#include "make_jpeg.h"

// clang-format off: jpeglib.h needs <cstdio> in front of it
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <cstdlib>

#include "make_picture.h"

namespace smol::test {
namespace {

J_COLOR_SPACE input_space(JpegColour colour) {
  switch (colour) {
    case JpegColour::kGrey: return JCS_GRAYSCALE;
    case JpegColour::kYcbcr:
    case JpegColour::kRgb: return JCS_RGB;
    case JpegColour::kCmyk:
    case JpegColour::kYcck: return JCS_CMYK;
  }
  return JCS_RGB;
}

J_COLOR_SPACE file_space(JpegColour colour) {
  switch (colour) {
    case JpegColour::kGrey: return JCS_GRAYSCALE;
    case JpegColour::kYcbcr: return JCS_YCbCr;
    case JpegColour::kRgb: return JCS_RGB;
    case JpegColour::kCmyk: return JCS_CMYK;
    case JpegColour::kYcck: return JCS_YCCK;
  }
  return JCS_YCbCr;
}

void write_segment(j_compress_ptr info, const std::string& prefix, const std::string& body) {
  if (body.empty()) return;
  const std::string segment = prefix + body;
  jpeg_write_marker(info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(segment.data()),
                    static_cast<unsigned>(segment.size()));
}

constexpr jpeg_scan_info kSpectralScans[] = {
    {3, {0, 1, 2}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}, {1, {1}, 1, 63, 0, 0}, {1, {2}, 1, 63, 0, 0}};

std::vector<jpeg_scan_info> scan_script(const std::vector<JpegScanRecipe>& scans) {
  std::vector<jpeg_scan_info> script;
  for (const JpegScanRecipe& scan : scans) {
    jpeg_scan_info info{.comps_in_scan = static_cast<int>(scan.components.size()),
                        .component_index = {},
                        .Ss = scan.first_coefficient,
                        .Se = scan.last_coefficient,
                        .Ah = scan.high_bit,
                        .Al = scan.low_bit};
    std::copy(scan.components.begin(), scan.components.end(), info.component_index);
    script.push_back(info);
  }
  return script;
}

}  // namespace

std::vector<std::byte> make_jpeg(const JpegRecipe& recipe) {
  const J_COLOR_SPACE space = input_space(recipe.colour);
  const int channels = space == JCS_GRAYSCALE ? 1 : space == JCS_CMYK ? 4 : 3;
  const Image picture = make_picture(recipe.size, channels, recipe.seed);
  return encode_jpeg(picture.view(), recipe);
}

std::vector<std::byte> encode_jpeg(ConstImageView picture, const JpegRecipe& recipe) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(picture.size.width);
  info.image_height = static_cast<JDIMENSION>(picture.size.height);
  info.input_components = picture.channels;
  info.in_color_space = input_space(recipe.colour);
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, file_space(recipe.colour));
  jpeg_set_quality(&info, recipe.quality, TRUE);
  info.comp_info[0].h_samp_factor = recipe.horizontal;
  info.comp_info[0].v_samp_factor = recipe.vertical;
  for (int c = 1; c < info.num_components; ++c) {
    const bool full = c == 3;  // the black of YCCK is sampled like its luma
    info.comp_info[c].h_samp_factor = full ? recipe.horizontal : 1;
    info.comp_info[c].v_samp_factor = full ? recipe.vertical : 1;
  }
  info.restart_interval = static_cast<unsigned>(recipe.restart_interval);
  info.arith_code = recipe.arithmetic ? TRUE : FALSE;
  if (recipe.progressive) jpeg_simple_progression(&info);
  info.num_scans -= recipe.dropped_scans;
  if (recipe.spectral_scans) {
    info.scan_info = kSpectralScans;
    info.num_scans = 4;
  }
  const std::vector<jpeg_scan_info> script = scan_script(recipe.scans);
  if (!script.empty()) {
    info.scan_info = script.data();
    info.num_scans = static_cast<int>(script.size());
  }
  jpeg_start_compress(&info, TRUE);
  write_segment(&info, std::string("Exif\0\0", 6), recipe.exif);
  write_segment(&info, std::string("http://ns.adobe.com/xap/1.0/\0", 29), recipe.xmp);
  for (int y = 0; y < picture.size.height; ++y) {
    auto* row = const_cast<JSAMPROW>(picture.row(y));  // libjpeg only reads it
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* first = reinterpret_cast<const std::byte*>(bytes);
  std::vector<std::byte> jpeg(first, first + size);
  std::free(bytes);
  return jpeg;
}

Image plain_jpeg_decode(std::span<const std::byte> jpeg, int scale_denominator) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&info, TRUE);
  const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(scale_denominator);
  jpeg_start_decompress(&info);
  Image picture({static_cast<int>(info.output_height), static_cast<int>(info.output_width)}, inks ? 4 : 3);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.view().row(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return picture;
}

Image plain_jpeg_decode_of_scans(std::span<const std::byte> jpeg, int scans, int scale_denominator, bool smoothing) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(scale_denominator);
  info.do_block_smoothing = smoothing ? TRUE : FALSE;
  info.buffered_image = TRUE;
  jpeg_start_decompress(&info);
  for (int finished = 0; finished < scans;) {
    const int what = jpeg_consume_input(&info);
    if (what == JPEG_SCAN_COMPLETED) ++finished;
    if (what == JPEG_REACHED_EOI) break;
  }
  jpeg_start_output(&info, info.input_scan_number);
  Image picture({static_cast<int>(info.output_height), static_cast<int>(info.output_width)}, 3);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.view().row(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_output(&info);
  jpeg_destroy_decompress(&info);
  return picture;
}

void patch_frame_header(std::vector<std::byte>& jpeg, size_t offset, std::byte value) {
  for (size_t i = 2; i + 4 < jpeg.size();) {
    const auto marker = std::to_integer<int>(jpeg[i + 1]);
    if (marker >= 0xc0 && marker <= 0xc2) {
      jpeg[i + offset] = value;
      return;
    }
    i += 2 + static_cast<size_t>(std::to_integer<int>(jpeg[i + 2]) * 256 + std::to_integer<int>(jpeg[i + 3]));
  }
  std::abort();
}

std::vector<std::byte> repeat_last_scan(const std::vector<std::byte>& jpeg, int scans) {
  constexpr int kScans = 4;
  constexpr size_t kEndMarkerBytes = 2;
  const auto begin = static_cast<ptrdiff_t>(find_scan(jpeg, kScans));
  const auto end = static_cast<ptrdiff_t>(jpeg.size() - kEndMarkerBytes);
  std::vector<std::byte> longer(jpeg.begin(), jpeg.begin() + end);
  for (int i = kScans; i < scans; ++i) longer.insert(longer.end(), jpeg.begin() + begin, jpeg.begin() + end);
  longer.insert(longer.end(), jpeg.begin() + end, jpeg.end());
  return longer;
}

size_t find_scan(std::span<const std::byte> jpeg, int number) {
  for (size_t i = 2; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == std::byte{0xff} && jpeg[i + 1] == std::byte{0xda} && --number == 0) return i;
  }
  return jpeg.size();
}

}  // namespace smol::test
