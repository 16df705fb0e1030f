#include "smol/media/png_decoder.h"

#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "smol/base/aligned_buffer.h"
#include "smol/media/exif.h"

namespace smol {
namespace {

constexpr int kStripRows = 16;
constexpr png_alloc_size_t kMaxChunkBytes = 8 << 20;  // of a text or profile chunk, unpacked
constexpr png_uint_32 kMaxChunks = 1000;

// Composites a byte over the background, rounded.
uint8_t over_background(int value, int alpha) {
  const int sum = value * alpha + kAlphaBackground * (255 - alpha) + 127;
  return static_cast<uint8_t>(sum / 255);
}

// In place, four bytes to three.
void composite(uint8_t* row, int width) {
  for (int x = 0; x < width; ++x) {
    const uint8_t* from = row + 4 * x;
    const int alpha = from[3];
    uint8_t* to = row + 3 * x;
    for (int c = 0; c < 3; ++c) to[c] = over_background(from[c], alpha);
  }
}

// One libpng reading of one file. Functions that call libpng hold no objects with destructors: longjmp skips them.
class PngReading {
 public:
  explicit PngReading(std::span<const std::byte> bytes) : rest_(bytes) {}
  PngReading(const PngReading&) = delete;
  PngReading& operator=(const PngReading&) = delete;
  ~PngReading() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool read_header() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (info_ == nullptr) {
      code_ = ItemErrorCode::kOutOfMemory;
      return false;
    }
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_read_fn(png_, this, on_read);
    png_set_user_limits(png_, 0x7fffffff, 0x7fffffff);  // sizes are checked by DecodeLimits, with a code of their own
    png_set_chunk_cache_max(png_, kMaxChunks);
    png_set_chunk_malloc_max(png_, kMaxChunkBytes);
    // Text and profiles say nothing about pixels: passed over, whatever is in them.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, reinterpret_cast<png_const_bytep>("iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0"), 5);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_read_info(png_, info_);
    return true;
  }

  // Sets the conversions to RGB or RGBA u8.
  bool start() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);    // palette, tRNS and small depths
    png_set_scale_16(png_);  // rounds; strip_16 would cut off
    png_set_gray_to_rgb(png_);
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    channels_ = png_get_channels(png_, info_);
    return true;
  }

  // Interlaced pictures come whole: row pointers of all rows, several passes.
  bool read_all(png_bytep* rows, int height) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    for (int pass = 0; pass < passes_; ++pass) png_read_rows(png_, rows, nullptr, static_cast<png_uint_32>(height));
    png_read_end(png_, nullptr);
    return true;
  }

  bool read_rows(uint8_t* pixels, ptrdiff_t stride, int rows, bool last) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    for (int y = 0; y < rows; ++y) png_read_row(png_, pixels + y * stride, nullptr);
    if (last) png_read_end(png_, nullptr);  // what follows must still be a proper end
    return true;
  }

  ImageInfo info() const {
    ImageInfo info;
    info.format = ImageFormat::kPng;
    info.stored = {static_cast<int>(png_get_image_height(png_, info_)), static_cast<int>(png_get_image_width(png_, info_))};
    info.bits_per_sample = png_get_bit_depth(png_, info_);
    info.interlaced = png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE;
    const int colour = png_get_color_type(png_, info_);
    info.has_alpha = (colour & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    info.colour = colour == PNG_COLOR_TYPE_PALETTE    ? ColourModel::kPalette
                  : (colour & PNG_COLOR_MASK_COLOR) != 0 ? ColourModel::kRgb
                                                         : ColourModel::kGrey;
    png_bytep exif = nullptr;
    png_uint_32 exif_bytes = 0;
    if (png_get_eXIf_1(png_, info_, &exif_bytes, &exif) != 0) {
      info.orientation = parse_exif(std::as_bytes(std::span(exif, exif_bytes))).orientation;
    }
    return info;
  }

  int channels() const { return channels_; }
  ItemError complaint() const { return {code_, message_}; }

 private:
  static PngReading& of(png_structp png) { return *static_cast<PngReading*>(png_get_error_ptr(png)); }

  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    PngReading& reading = of(png);
    if (!reading.failed_) {
      reading.failed_ = true;
      std::strncpy(reading.message_, message, sizeof reading.message_ - 1);
      const std::string_view text(message);
      if (text.find("emory") != std::string_view::npos) reading.code_ = ItemErrorCode::kOutOfMemory;
    }
    png_longjmp(png, 1);
  }

  // libpng warns about ancillary chunks only; broken image data is an error by itself.
  static void on_warning(png_structp, png_const_charp) {}

  static void on_read(png_structp png, png_bytep to, size_t count) {
    auto& reading = *static_cast<PngReading*>(png_get_io_ptr(png));
    if (count > reading.rest_.size()) {
      reading.code_ = ItemErrorCode::kTruncated;
      png_error(png, "the data end before the picture does");
    }
    std::memcpy(to, reading.rest_.data(), count);
    reading.rest_ = reading.rest_.subspan(count);
  }

  std::span<const std::byte> rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
  int channels_ = 3;
  bool failed_ = false;
  ItemErrorCode code_ = ItemErrorCode::kCorrupt;
  char message_[160] = "libpng could not start";
};

class PngDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override {
    PngReading reading(bytes);
    if (!reading.read_header()) return reading.complaint();
    return reading.info();
  }

  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec, const DecodeLimits& limits) override {
    reading_.emplace(bytes);
    if (!reading_->read_header()) return reading_->complaint();
    const ImageInfo info = reading_->info();
    if (info.stored.pixels() > limits.max_pixels) {
      return ItemError{ItemErrorCode::kTooManyPixels, "more pixels than --max-pixels: " + std::to_string(info.stored.height) +
                                                          " x " + std::to_string(info.stored.width)};
    }
    if (!reading_->start()) return reading_->complaint();
    stored_ = info.stored;
    interlaced_ = info.interlaced;
    next_row_ = 0;
    wanted_ = spec.region.value_or(Rect{0, 0, stored_.height, stored_.width});
    stride_ = ptrdiff_t{stored_.width} * reading_->channels();
    pixels_.ensure(static_cast<size_t>(stride_) * static_cast<size_t>(interlaced_ ? stored_.height : kStripRows));
    return DecodedGeometry{wanted_.size(), wanted_, 1, stored_};
  }

  Result<Strip> next_strip() override {
    if (next_row_ >= wanted_.bottom) return Strip{};
    if (interlaced_ && next_row_ == 0) {
      if (!read_whole_picture()) return reading_->complaint();
      next_row_ = wanted_.top;
    }
    const int row = next_row_;
    const int rows = std::min(kStripRows, (row < wanted_.top ? wanted_.top : wanted_.bottom) - row);
    auto* pixels = reinterpret_cast<uint8_t*>(pixels_.data()) + (interlaced_ ? row * stride_ : 0);
    if (!interlaced_ && !reading_->read_rows(pixels, stride_, rows, row + rows == stored_.height)) return reading_->complaint();
    next_row_ += rows;
    if (row < wanted_.top) return next_strip();
    if (reading_->channels() == 4) {
      for (int y = 0; y < rows; ++y) composite(pixels + y * stride_, stored_.width);
    }
    Strip strip;
    strip.first_row = row - wanted_.top;
    strip.rgb = {pixels + ptrdiff_t{wanted_.left} * 3, {rows, wanted_.width()}, 3, stride_};
    return strip;
  }

 private:
  bool read_whole_picture() {
    row_pointers_.resize(static_cast<size_t>(stored_.height));
    auto* pixels = reinterpret_cast<uint8_t*>(pixels_.data());
    for (int y = 0; y < stored_.height; ++y) row_pointers_[static_cast<size_t>(y)] = pixels + y * stride_;
    return reading_->read_all(row_pointers_.data(), stored_.height);
  }

  std::optional<PngReading> reading_;  // libpng has no reset: one reading a file, and its allocations are libpng's
  AlignedBuffer pixels_;
  std::vector<png_bytep> row_pointers_;
  Size stored_;
  Rect wanted_;
  bool interlaced_ = false;
  int next_row_ = 0;
  ptrdiff_t stride_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> make_png_decoder() { return std::make_unique<PngDecoder>(); }

}  // namespace smol
