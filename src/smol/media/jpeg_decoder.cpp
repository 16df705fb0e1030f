#include "smol/media/jpeg_decoder.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>

// jpeglib.h wants size_t and FILE to be there.
#include <jerror.h>
#include <jpeglib.h>

#include "smol/base/aligned_buffer.h"
#include "smol/media/exif.h"

namespace smol {
namespace {

constexpr int kStripRows = 16;  // the largest iMCU: a strip never splits one

// libjpeg's error handler: remembers the first complaint, and leaves by longjmp on a fatal one.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf leave;
  bool complained = false;
  ItemErrorCode code = ItemErrorCode::kCorrupt;
  char message[JMSG_LENGTH_MAX];
};

ErrorManager& manager_of(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

ItemErrorCode code_of(int message_code) {
  switch (message_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
    case JERR_NO_IMAGE: return ItemErrorCode::kTruncated;
    case JERR_OUT_OF_MEMORY: return ItemErrorCode::kOutOfMemory;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CCIR601_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL: return ItemErrorCode::kUnsupportedFormat;
    default: return ItemErrorCode::kCorrupt;
  }
}

void remember(j_common_ptr info) {
  ErrorManager& manager = manager_of(info);
  if (manager.complained) return;
  manager.complained = true;
  manager.code = code_of(manager.base.msg_code);
  manager.base.format_message(info, manager.message);
}

[[noreturn]] void on_error(j_common_ptr info) {
  remember(info);
  std::longjmp(manager_of(info).leave, 1);
}

// Remarks about metadata are not about the pixels.
bool about_metadata(int message_code) {
  return message_code == JWRN_ADOBE_XFORM || message_code == JWRN_JFIF_MAJOR || message_code == JWRN_BOGUS_ICC;
}

void on_message(j_common_ptr info, int level) {
  if (level < 0 && !about_metadata(info->err->msg_code)) remember(info);
}

void on_output(j_common_ptr) {}

// Called for every row of blocks: the place to end files that repeat scans without end.
struct ScanLimit {
  jpeg_progress_mgr base;
  int max_scans = 0;
  bool exceeded = false;
};

void on_progress(j_common_ptr info) {
  auto& limit = *reinterpret_cast<ScanLimit*>(info->progress);
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= limit.max_scans) return;
  limit.exceeded = true;
  std::longjmp(manager_of(info).leave, 1);
}

ChromaSubsampling subsampling_of(const jpeg_decompress_struct& info) {
  if (info.num_components != 3) return ChromaSubsampling::kNone;
  const jpeg_component_info* c = info.comp_info;
  for (int i = 1; i < 3; ++i) {
    if (c[i].h_samp_factor != 1 || c[i].v_samp_factor != 1) {
      const bool all_same = c[0].h_samp_factor == c[i].h_samp_factor && c[0].v_samp_factor == c[i].v_samp_factor;
      return all_same ? ChromaSubsampling::k444 : ChromaSubsampling::kOther;
    }
  }
  switch (c[0].h_samp_factor * 10 + c[0].v_samp_factor) {
    case 11: return ChromaSubsampling::k444;
    case 12: return ChromaSubsampling::k440;
    case 21: return ChromaSubsampling::k422;
    case 22: return ChromaSubsampling::k420;
    case 41: return ChromaSubsampling::k411;
    case 42: return ChromaSubsampling::k410;
    default: return ChromaSubsampling::kOther;
  }
}

ColourModel colour_of(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_GRAYSCALE: return ColourModel::kGrey;
    case JCS_YCbCr: return ColourModel::kYcbcr;
    case JCS_CMYK: return ColourModel::kCmyk;
    case JCS_YCCK: return ColourModel::kYcck;
    default: return ColourModel::kRgb;
  }
}

// x * y / 255, rounded, for bytes: Pillow's MULDIV255, so that CMYK pictures look the same.
int multiply_255(int x, int y) {
  const int product = x * y + 128;
  return ((product >> 8) + product) >> 8;
}

// In place, four bytes to three. CMYK JPEGs are stored inverted (Adobe's convention, which Pillow assumes for all).
void cmyk_to_rgb(uint8_t* row, int width) {
  for (int x = 0; x < width; ++x) {
    const uint8_t* from = row + 4 * x;
    const int white = from[3];  // 255 - K
    const int cyan = 255 - from[0];
    const int magenta = 255 - from[1];
    const int yellow = 255 - from[2];
    uint8_t* to = row + 3 * x;
    to[0] = static_cast<uint8_t>(white - multiply_255(cyan, white));
    to[1] = static_cast<uint8_t>(white - multiply_255(magenta, white));
    to[2] = static_cast<uint8_t>(white - multiply_255(yellow, white));
  }
}

// Functions that call libjpeg hold no objects with destructors: a longjmp would skip them.
class JpegDecoder final : public Decoder {
 public:
  JpegDecoder() {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = on_error;
    errors_.base.emit_message = on_message;
    errors_.base.output_message = on_output;
    if (setjmp(errors_.leave) != 0) throw std::bad_alloc();
    jpeg_create_decompress(&info_);
    scans_.base.progress_monitor = on_progress;
    info_.progress = &scans_.base;
  }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() override { jpeg_destroy_decompress(&info_); }

  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override {
    if (!read_header(bytes)) return complaint();
    ImageInfo info;
    info.format = ImageFormat::kJpeg;
    info.stored = {static_cast<int>(info_.image_height), static_cast<int>(info_.image_width)};
    info.colour = colour_of(info_.jpeg_color_space);
    info.subsampling = subsampling_of(info_);
    info.bits_per_sample = info_.data_precision;
    info.progressive = info_.progressive_mode != 0;
    info.restart_interval = static_cast<int>(info_.restart_interval);
    const ExifInfo exif = parse_exif(find_exif_in_jpeg(bytes));
    info.orientation = exif.orientation;
    if (!exif.thumbnail.empty()) info.thumbnail = find_jpeg_size(exif.thumbnail);
    return info;
  }

  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec, const DecodeLimits& limits) override {
    if (!read_header(bytes)) return complaint();
    const Size full = {static_cast<int>(info_.image_height), static_cast<int>(info_.image_width)};
    if (full.pixels() > limits.max_pixels) {
      return ItemError{ItemErrorCode::kTooManyPixels,
                       "more pixels than --max-pixels: " + std::to_string(full.height) + " x " + std::to_string(full.width)};
    }
    scans_.max_scans = limits.max_scans;
    if (!start(spec)) return complaint();
    row_bytes_ = static_cast<ptrdiff_t>(info_.output_width) * info_.output_components;
    strip_.ensure(static_cast<size_t>(row_bytes_) * kStripRows);
    const int scale = spec.scale_denominator;
    return DecodedGeometry{wanted_.size(),
                           {wanted_.top * scale, wanted_.left * scale, std::min(full.height, wanted_.bottom * scale),
                            std::min(full.width, wanted_.right * scale)},
                           scale, full};
  }

  Result<Strip> next_strip() override {
    const int row = static_cast<int>(info_.output_scanline);
    if (row >= wanted_.bottom) return Strip{};
    // Rows above the wanted ones were decoded for their neighbours' sake only.
    const int rows = std::min(kStripRows, (row < wanted_.top ? wanted_.top : wanted_.bottom) - row);
    if (!read_rows(rows)) return complaint();
    if (row < wanted_.top) return next_strip();
    auto* pixels = reinterpret_cast<uint8_t*>(strip_.data());
    if (info_.output_components == 4) {
      for (int y = 0; y < rows; ++y) cmyk_to_rgb(pixels + y * row_bytes_, static_cast<int>(info_.output_width));
    }
    Strip strip;
    strip.first_row = row - wanted_.top;
    strip.rgb = {pixels + ptrdiff_t{wanted_.left - first_column_} * 3, {rows, wanted_.width()}, 3, row_bytes_};
    return strip;
  }

 private:
  ItemError complaint() {
    if (scans_.exceeded) return {ItemErrorCode::kCorrupt, "more scans than --max-scans"};
    return {errors_.code, errors_.message};
  }

  bool read_header(std::span<const std::byte> bytes) {
    errors_.complained = false;
    scans_.exceeded = false;
    wanted_ = {};
    if (setjmp(errors_.leave) != 0) return false;
    jpeg_abort_decompress(&info_);
    scans_.max_scans = 1 << 20;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&info_, TRUE);
    return !errors_.complained;
  }

  // Starts decompression and moves to the first row of the region.
  bool start(const DecodeSpec& spec) {
    if (setjmp(errors_.leave) != 0) return false;
    info_.dct_method = JDCT_ISLOW;
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(spec.scale_denominator);
    const bool four = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = four ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info_);
    wanted_ = {0, 0, static_cast<int>(info_.output_height), static_cast<int>(info_.output_width)};
    first_column_ = 0;
    if (spec.region) crop_to(*spec.region, spec.scale_denominator);
    return !errors_.complained;
  }

  // Decodes one iMCU more than the region on each side: at the border of what is decoded, chroma upsampling lacks its
  // neighbours, and the pixels would not be those of the full decode.
  void crop_to(const Rect& region, int scale) {
    const Rect all = wanted_;
    wanted_ = {region.top / scale, region.left / scale, std::min(all.bottom, (region.bottom + scale - 1) / scale),
               std::min(all.right, (region.right + scale - 1) / scale)};
    const int mcu_width = info_.max_h_samp_factor * 8 / scale;
    const int mcu_height = info_.max_v_samp_factor * 8 / scale;
    const int left = std::max(0, (wanted_.left / mcu_width - 1) * mcu_width);
    const int right = std::min(all.right, ((wanted_.right + mcu_width - 1) / mcu_width + 1) * mcu_width);
    const int top = std::max(0, (wanted_.top / mcu_height - 1) * mcu_height);
    if (left > 0 || right < all.right) {
      auto offset = static_cast<JDIMENSION>(left);
      auto width = static_cast<JDIMENSION>(right - left);
      jpeg_crop_scanline(&info_, &offset, &width);
      first_column_ = static_cast<int>(offset);
    }
    if (top > 0) jpeg_skip_scanlines(&info_, static_cast<JDIMENSION>(top));
  }

  bool read_rows(int rows) {
    if (setjmp(errors_.leave) != 0) return false;
    JSAMPROW pointers[kStripRows];
    auto* pixels = reinterpret_cast<uint8_t*>(strip_.data());
    for (int y = 0; y < rows; ++y) pointers[y] = pixels + y * row_bytes_;
    for (int y = 0; y < rows;) {
      y += static_cast<int>(jpeg_read_scanlines(&info_, pointers + y, static_cast<JDIMENSION>(rows - y)));
    }
    return !errors_.complained;
  }

  jpeg_decompress_struct info_{};
  ErrorManager errors_{};
  ScanLimit scans_{};
  AlignedBuffer strip_;
  Rect wanted_;           // of the scaled picture: the rows and columns that are delivered
  int first_column_ = 0;  // of the scaled picture: where decoded rows begin
  ptrdiff_t row_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> make_jpeg_decoder() { return std::make_unique<JpegDecoder>(); }

}  // namespace smol
