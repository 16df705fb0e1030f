#include "smol/media/jpeg_decoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "smol/base/error.h"
#include "smol/media/exif.h"
#include "smol/media/jpeg_eighth.h"
#include "smol/media/jpeg_headers.h"
#include "smol/media/jpeg_library.h"
#include "smol/media/jpeg_scans.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"
#include "smol/media/thumbnail_content.h"

namespace smol {
namespace {

// libjpeg-turbo's colour conversion writes rows that are aligned for its vectors past the cache, and whoever reads
// them next waits for memory. 500x375: 1.01 ms with aligned rows, 0.82 ms with rows that begin 8 bytes off.
constexpr size_t kRowOffsetBytes = 8;

// A segment's 64 KB do not hold more; a header that says so would only cost memory.
constexpr int64_t kMaxThumbnailPixels = 1 << 20;

// As Pillow: the values are taken as inverted (Adobe's convention), then Image.convert("RGB") of CMYK in integers.
void cmyk_to_rgb(const uint8_t* cmyk, int pixels, uint8_t* rgb) {
  for (int x = 0; x < pixels; ++x, cmyk += 4, rgb += 3) {
    const int white = cmyk[3];  // 255 - black
    for (int channel = 0; channel < 3; ++channel) {
      const int product = (255 - cmyk[channel]) * white + 128;
      rgb[channel] = static_cast<uint8_t>(white - ((product >> 8) + product) / 256);
    }
  }
}

// Pixels of one DCT block in the output: 8, or less when scaling.
int scaled_block_side(const jpeg_decompress_struct& info) {
#if JPEG_LIB_VERSION >= 70
  return info.min_DCT_h_scaled_size;
#else
  return info.min_DCT_scaled_size;
#endif
}

// Columns and rows of the output that have to be produced, and those of them that are handed on.
struct Window {
  int top = 0;
  int left = 0;  // within the columns that the library returns
  Size size;
};

class JpegDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  void abandon();
  Result<DecodedGeometry> open_picture(bool may_skip_coefficients);
  Result<Strip> resume_with_library();
  std::optional<DecodedGeometry> open_thumbnail(std::span<const std::byte> bytes, const DecodeLimits& limits);
  Strip next_thumbnail_strip();
  void leave_out_scans();
  void start_window(const Rect& wanted);
  void read_rows(int rows);
  uint8_t* row_memory(int row) {
    return reinterpret_cast<uint8_t*>(rows_.data()) + kRowOffsetBytes + static_cast<size_t>(row) * stride_bytes_;
  }
  void check_rows_below();
  ItemError fail();

  std::span<const std::byte> bytes_;  // of the last open()
  DecodeSpec spec_;
  DecodeLimits limits_;
  JpegLibrary library_;
  JpegEighth eighth_;
  bool skips_coefficients_ = false;  // eighth_ decodes
  AlignedBuffer rows_;               // see row_memory()
  AlignedBuffer cmyk_row_;
  size_t stride_bytes_ = 0;
  Window window_;
  int next_row_ = 0;  // of the window
  bool whole_file_ = false;
  std::vector<JpegScan> scans_;
  JpegParts parts_;
  Image thumbnail_;
  std::optional<ConstImageView> thumbnail_content_;  // what is handed out instead of the picture
};

Result<ImageInfo> JpegDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<JpegHeaders> headers = read_jpeg_headers(bytes);
  if (!headers.ok()) return headers.error();
  ImageInfo info;
  info.format = ImageFormat::kJpeg;
  info.stored = headers->size;
  info.colour = headers->colour();
  info.subsampling = headers->subsampling();
  info.bits_per_sample = headers->bits_per_sample;
  info.progressive = headers->progressive;
  info.restart_interval = headers->restart_interval;
  const Exif exif = read_exif(headers->exif);
  info.orientation =
      exif.orientation ? *exif.orientation : read_xmp_orientation(headers->xmp).value_or(Orientation::kUpright);
  if (!exif.thumbnail.empty()) {
    const Result<JpegHeaders> thumbnail = read_jpeg_headers(exif.thumbnail);
    if (thumbnail.ok()) info.thumbnail = thumbnail->size;
  }
  return info;
}

Result<std::vector<DecodeMode>> JpegDecoder::modes(std::span<const std::byte> bytes) {
  const Result<JpegHeaders> headers = read_jpeg_headers(bytes);
  if (!headers.ok()) return headers.error();
  std::vector<DecodeMode> modes;
  const auto add_scale = [&](int denominator) {
    const Size size = scaled_region(headers->size, {}, denominator).output.size();
    modes.push_back({{.scale_denominator = denominator}, size});
  };
  for (const int denominator : {1, 2, 4}) add_scale(denominator);
  if (headers->progressive && find_jpeg_scans(bytes, DecodeLimits{}.max_scans, scans_)) {
    // After half of the usual ten scans all coefficients are known but for their last bits; fewer cost no less, as
    // they have to be smoothed.
    const auto count = static_cast<int>(scans_.size());
    const int most = count * 4 / 5;
    const int half = count / 2;
    if (most > half) modes.push_back({{.first_scans = most}, headers->size});
    if (half > 0) modes.push_back({{.first_scans = half}, headers->size});
  }
  add_scale(8);
  abandon();
  // The only mode whose size stands in no header: a few thousand pixels are decoded.
  const auto thumbnail = open_thumbnail(bytes, DecodeLimits{});
  abandon();
  if (thumbnail) modes.push_back({{.thumbnail = true}, thumbnail->size});
  return modes;
}

// Afterwards next_strip() finds nothing to read.
void JpegDecoder::abandon() {
  window_ = {};
  next_row_ = 0;
  whole_file_ = false;
  skips_coefficients_ = false;
  thumbnail_content_.reset();
  library_.finish();
}

ItemError JpegDecoder::fail() {
  ItemError error = library_.error();
  abandon();
  return error;
}

Result<DecodedGeometry> JpegDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                          const DecodeLimits& limits) {
  if (spec.scale_denominator < 1 || !std::has_single_bit(static_cast<unsigned>(spec.scale_denominator))) {
    throw Error(ErrorCode::kUsage,
                "JPEG decodes at scale 1, 1/2, 1/4 or 1/8, not 1/" + std::to_string(spec.scale_denominator));
  }
  abandon();
  if (spec.thumbnail) {
    if (const auto thumbnail = open_thumbnail(bytes, limits)) return *thumbnail;
  }
  bytes_ = bytes;
  spec_ = spec;
  limits_ = limits;
  return open_picture(true);
}

Result<DecodedGeometry> JpegDecoder::open_picture(bool may_skip_coefficients) {
  constexpr int kSmallestScale = DCTSIZE;  // one pixel a block; what is asked beyond it is for other formats
  const int denominator = std::min(spec_.scale_denominator, kSmallestScale);
  if (!library_.start(bytes_, limits_.max_scans)) return fail();
  jpeg_decompress_struct& info = library_.info();
  const Size stored{static_cast<int>(info.image_height), static_cast<int>(info.image_width)};
  if (const Status status = check_pixels(stored, limits_); !status.ok()) {
    abandon();
    return status.error();
  }
  const bool inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(denominator);

  const ScaledRegion region = scaled_region(stored, spec_.region, denominator);
  whole_file_ = !spec_.region.has_value() || spec_.read_to_end;
  if (may_skip_coefficients && denominator == kSmallestScale) {
    if (!library_.guarded([&] { jpeg_calc_output_dimensions(&info); })) return fail();
    if (eighth_.start(info, region.output, whole_file_)) {
      skips_coefficients_ = true;
      return DecodedGeometry{region.output.size(), region.covers, denominator, stored};
    }
  }
  leave_out_scans();
  if (!library_.guarded([&] {
        jpeg_start_decompress(&info);
        start_window(region.output);
      })) {
    return fail();
  }
  stride_bytes_ = (info.output_width * 3 + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  rows_.ensure(kRowOffsetBytes + stride_bytes_ * (kStripRows + 1));  // one more: see check_rows_below()
  if (inks) cmyk_row_.ensure(size_t{info.output_width} * 4);
  return DecodedGeometry{window_.size, region.covers, denominator, stored};
}

// Decodes it at once, as only its pixels tell what of them is content, and a broken thumbnail is no broken picture.
// nullopt: there is none that can be used, and what is wrong with the file itself will be found by decoding it.
std::optional<DecodedGeometry> JpegDecoder::open_thumbnail(std::span<const std::byte> bytes,
                                                           const DecodeLimits& limits) {
  const Result<JpegHeaders> picture = read_jpeg_headers(bytes);
  if (!picture.ok() || !check_pixels(picture->size, limits).ok()) return std::nullopt;
  const std::span<const std::byte> embedded = read_exif(picture->exif).thumbnail;
  if (embedded.empty()) return std::nullopt;
  const Result<JpegHeaders> thumbnail = read_jpeg_headers(embedded);
  const int64_t most_pixels = std::min(kMaxThumbnailPixels, picture->size.pixels());
  if (!thumbnail.ok() || thumbnail->size.pixels() > most_pixels) return std::nullopt;
  const Result<DecodedGeometry> decoded = decode_image(*this, embedded, {}, limits, thumbnail_);
  abandon();
  if (!decoded.ok()) return std::nullopt;
  const ConstImageView whole = std::as_const(thumbnail_).view();
  const Rect content = thumbnail_content(whole, picture->size);
  const Size size = content.size();
  window_ = {.top = 0, .left = 0, .size = size};
  thumbnail_content_.emplace(whole.row(content.top) + ptrdiff_t{content.left} * 3, size, 3, whole.stride_bytes);
  return DecodedGeometry{size, {0, 0, size.height, size.width}, 1, size};
}

Strip JpegDecoder::next_thumbnail_strip() {
  const int rows = std::min(kStripRows, window_.size.height - next_row_);
  const ConstImageView& content = *thumbnail_content_;
  const Strip strip{next_row_,
                    {content.row(next_row_), {rows, content.size.width}, content.channels, content.stride_bytes}};
  next_row_ += rows;
  return strip;
}

// A file in which the scans cannot be told apart is left to the library, which says what is wrong with it.
void JpegDecoder::leave_out_scans() {
  jpeg_decompress_struct& info = library_.info();
  if (!info.progressive_mode || (spec_.first_scans == 0 && spec_.scale_denominator != DCTSIZE)) return;
  if (!find_jpeg_scans(bytes_, limits_.max_scans, scans_)) return;
  if (!library_.guarded([&] { jpeg_calc_output_dimensions(&info); })) return;
  select_jpeg_parts(bytes_, scans_, spec_, info, parts_);
  if (parts_.parts.empty()) return;
  library_.read_parts(parts_.parts);
  if (parts_.without_smoothing) info.do_block_smoothing = FALSE;
}

// Fancy upsampling and the smoothing of incomplete progressive files look beyond the block they produce. So one block
// more is decoded on each side, and not handed on; where smoothing can be at work, everything is decoded.
void JpegDecoder::start_window(const Rect& wanted) {
  jpeg_decompress_struct& info = library_.info();
  const int width = static_cast<int>(info.output_width);
  window_ = {.top = wanted.top, .left = wanted.left, .size = wanted.size()};

  bool smoothing = false;
  if (info.progressive_mode && info.do_block_smoothing && info.coef_bits != nullptr) {
    for (int component = 0; component < info.num_components; ++component) {
      for (int coefficient = 0; coefficient < DCTSIZE2; ++coefficient) {
        smoothing |= info.coef_bits[component][coefficient] != 0;
      }
    }
  }
  // libjpeg-turbo before 3.0 miscounts the samples of cropped components with a factor of 4 when it also scales.
  const bool scales_factor_4 = info.scale_denom != 1 && (info.max_h_samp_factor > 2 || info.max_v_samp_factor > 2);

  const int block = info.max_h_samp_factor * scaled_block_side(info);
  const int left = std::max(0, (wanted.left / block - 1) * block);
  const int right = std::min(width, ((wanted.right + block - 1) / block + 1) * block);
  if (right - left < width && !smoothing && !scales_factor_4) {
    auto first_column = static_cast<JDIMENSION>(left);
    auto columns = static_cast<JDIMENSION>(right - left);
    jpeg_crop_scanline(&info, &first_column, &columns);
    window_.left = wanted.left - static_cast<int>(first_column);
  }
  if (wanted.top > 0 && !smoothing) jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(wanted.top));
}

void JpegDecoder::read_rows(int rows) {
  jpeg_decompress_struct& info = library_.info();
  if (info.out_color_space == JCS_CMYK) {
    auto* cmyk = reinterpret_cast<JSAMPLE*>(cmyk_row_.data());
    for (int y = 0; y < rows; ++y) {
      jpeg_read_scanlines(&info, &cmyk, 1);
      cmyk_to_rgb(cmyk, static_cast<int>(info.output_width), row_memory(y));
    }
    return;
  }
  std::array<JSAMPROW, kStripRows> targets;
  for (int y = 0; y < rows; ++y) targets[static_cast<size_t>(y)] = row_memory(y);
  for (unsigned done = 0; done < static_cast<unsigned>(rows);) {
    done += jpeg_read_scanlines(&info, targets.data() + done, static_cast<unsigned>(rows) - done);
  }
}

// Entropy-decodes what is below the window without transforming it. Not all of it is skipped: libjpeg-turbo does not
// look at what is skipped up to the very end.
void JpegDecoder::check_rows_below() {
  jpeg_decompress_struct& info = library_.info();
  const unsigned rows = info.output_height - info.output_scanline;
  if (rows == 0) return;
  if (rows > 1) jpeg_skip_scanlines(&info, rows - 1);
  const bool inks = info.out_color_space == JCS_CMYK;
  JSAMPROW behind_the_strip = inks ? reinterpret_cast<JSAMPROW>(cmyk_row_.data()) : row_memory(kStripRows);
  jpeg_read_scanlines(&info, &behind_the_strip, 1);
}

// What the fast way found wrong or unusual is the library's to judge: it begins anew, and its rows are the same.
Result<Strip> JpegDecoder::resume_with_library() {
  const int handed_out = next_row_;
  abandon();
  if (const auto opened = open_picture(false); !opened.ok()) return opened.error();
  while (true) {
    Result<Strip> strip = next_strip();
    if (!strip.ok() || strip->first_row >= handed_out) return strip;
  }
}

Result<Strip> JpegDecoder::next_strip() {
  if (skips_coefficients_) {
    const std::optional<Strip> strip = eighth_.next_strip();
    if (!strip) return resume_with_library();
    next_row_ = strip->first_row + strip->rgb.size.height;
    return *strip;
  }
  jpeg_decompress_struct& info = library_.info();
  const int rows = std::min(kStripRows, window_.size.height - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  if (thumbnail_content_) return next_thumbnail_strip();
  const bool last = next_row_ + rows == window_.size.height;
  const bool ok = library_.guarded([&] {
    // Only where skipping is not exact (see start_window) are there rows left above the window.
    while (static_cast<int>(info.output_scanline) < window_.top) {
      read_rows(std::min(kStripRows, window_.top - static_cast<int>(info.output_scanline)));
    }
    read_rows(rows);
    if (!last || !whole_file_) return;
    check_rows_below();
    jpeg_finish_decompress(&info);  // to the end marker
  });
  if (!ok) return fail();
  const uint8_t* first = row_memory(0) + ptrdiff_t{window_.left} * 3;
  const Strip strip{next_row_, {first, {rows, window_.size.width}, 3, static_cast<ptrdiff_t>(stride_bytes_)}};
  next_row_ += rows;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_jpeg_decoder() { return std::make_unique<JpegDecoder>(); }

}  // namespace smol
