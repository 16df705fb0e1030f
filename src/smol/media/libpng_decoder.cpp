#include "smol/media/libpng_decoder.h"

#include <algorithm>
#include <new>
#include <string>

#include "smol/media/alpha.h"
#include "smol/media/exif.h"
#include "smol/media/png_headers.h"
#include "smol/media/png_library.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"

namespace smol {
namespace {

ColourModel colour_model(uint32_t colour_type) {
  if (colour_type == PNG_COLOR_TYPE_PALETTE) return ColourModel::kPalette;
  return colour_type & PNG_COLOR_MASK_COLOR ? ColourModel::kRgb : ColourModel::kGrey;
}

class LibpngDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  void abandon();
  ItemError fail();
  Status start_rows();
  void read_interlaced();
  void read_rows(int rows);

  PngLibrary library_;
  AlignedBuffer rows_;       // as libpng gives them: a strip, or the window's rows of an interlaced picture
  AlignedBuffer opaque_;     // a strip without alpha; unused for pictures without alpha
  size_t stride_bytes_ = 0;  // of rows_
  int channels_ = 3;         // of rows_
  int stored_height_ = 0;
  Rect window_;
  int next_row_ = 0;  // of the window
  bool interlaced_ = false;
  int passes_ = PNG_INTERLACE_ADAM7_PASSES;  // that are read, of an interlaced picture
  bool whole_file_ = false;
};

Result<ImageInfo> LibpngDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<PngHeaders> headers = read_png_headers(bytes);
  if (!headers.ok()) return headers.error();
  ImageInfo info;
  info.format = ImageFormat::kPng;
  info.stored = headers->size;
  info.colour = colour_model(headers->colour_type);
  info.bits_per_sample = headers->bits_per_sample;
  info.has_alpha = (headers->colour_type & PNG_COLOR_MASK_ALPHA) != 0 || headers->has_transparency;
  info.interlaced = headers->interlaced;
  const Exif exif = read_exif(headers->exif);
  info.orientation =
      exif.orientation ? *exif.orientation : read_xmp_orientation(headers->xmp).value_or(Orientation::kUpright);
  return info;
}

Result<std::vector<DecodeMode>> LibpngDecoder::modes(std::span<const std::byte> bytes) {
  const Result<PngHeaders> header = read_png_header(bytes);
  if (!header.ok()) return header.error();
  std::vector<DecodeMode> modes = {{DecodeSpec{}, header->size}};
  if (!header->interlaced) return modes;
  for (const int passes : {6, 5})
    modes.push_back({{.first_scans = passes}, header->size});  // 1/2 and 1/4 of the pixels
  return modes;
}

// Afterwards next_strip() finds nothing to read.
void LibpngDecoder::abandon() {
  window_ = {};
  next_row_ = 0;
  whole_file_ = false;
  library_.finish();
}

ItemError LibpngDecoder::fail() {
  ItemError error = library_.error();
  abandon();
  return error;
}

Result<DecodedGeometry> LibpngDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                            const DecodeLimits& limits) {
  abandon();
  const Result<PngHeaders> header = read_png_header(bytes);
  if (!header.ok()) return header.error();
  if (const Status status = check_pixels(header->size, limits); !status.ok()) return status.error();
  const auto longest = static_cast<png_uint_32>(std::max(header->size.height, header->size.width));
  if (longest > kMaxPngSide) {
    return ItemError{
        ItemErrorCode::kTooManyPixels,
        "a side of " + std::to_string(longest) + " pixels, more than the limit of " + std::to_string(kMaxPngSide)};
  }
  const ScaledRegion region = scaled_region(header->size, spec.region, 1);
  const bool some_passes =
      header->interlaced && spec.first_scans > 0 && spec.first_scans < PNG_INTERLACE_ADAM7_PASSES;
  if (some_passes && !reaches_png_end(bytes)) {
    return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
  }
  passes_ = some_passes ? spec.first_scans : PNG_INTERLACE_ADAM7_PASSES;
  if (!library_.start(bytes)) return fail();
  stored_height_ = header->size.height;
  window_ = region.output;
  whole_file_ = !some_passes && (!spec.region.has_value() || spec.read_to_end);
  if (const Status status = start_rows(); !status.ok()) {
    abandon();
    return status.error();
  }
  return DecodedGeometry{window_.size(), region.covers, 1, header->size};
}

Status LibpngDecoder::start_rows() {
  if (!library_.guarded([&] {
        png_structp png = library_.png();
        png_infop info = library_.info();
        png_set_expand(png);  // palette to RGB, 1..4 bit to 8, tRNS to alpha
        png_set_scale_16(png);
        png_set_gray_to_rgb(png);
        interlaced_ = png_set_interlace_handling(png) > 1;
        png_read_update_info(png, info);
        channels_ = png_get_channels(png, info);
        stride_bytes_ = png_get_rowbytes(png, info);
      })) {
    return library_.error();
  }
  stride_bytes_ = (stride_bytes_ + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  try {
    rows_.ensure(stride_bytes_ * static_cast<size_t>(interlaced_ ? window_.height() : kStripRows));
    if (channels_ == 4) opaque_.ensure(static_cast<size_t>(window_.width()) * 3 * kStripRows);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the rows of the picture"};
  }
  if (!library_.guarded([&] {
        if (interlaced_) return read_interlaced();
        for (int y = 0; y < window_.top; ++y) png_read_row(library_.png(), nullptr, nullptr);
      })) {
    return library_.error();
  }
  return ok_status();
}

void LibpngDecoder::read_interlaced() {
  auto* pixels = reinterpret_cast<png_bytep>(rows_.data());
  const bool all = passes_ == PNG_INTERLACE_ADAM7_PASSES;
  for (int pass = 0; pass < passes_; ++pass) {
    for (int y = 0; y < stored_height_; ++y) {
      const bool inside = y >= window_.top && y < window_.bottom;
      png_bytep row = inside ? pixels + static_cast<size_t>(y - window_.top) * stride_bytes_ : nullptr;
      // As the second argument, the pixels of later passes are filled with the nearest above and to the left.
      png_read_row(library_.png(), all ? row : nullptr, all ? nullptr : row);
    }
  }
}

void LibpngDecoder::read_rows(int rows) {
  auto* pixels = reinterpret_cast<png_bytep>(rows_.data());
  for (int y = 0; y < rows; ++y, pixels += stride_bytes_) png_read_row(library_.png(), pixels, nullptr);
}

Result<Strip> LibpngDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  const bool last = next_row_ + rows == window_.height();
  const bool ok = library_.guarded([&] {
    if (!interlaced_) read_rows(rows);
    if (!last || !whole_file_) return;
    const int rows_below = interlaced_ ? 0 : stored_height_ - window_.bottom;
    for (int y = 0; y < rows_below; ++y) png_read_row(library_.png(), nullptr, nullptr);
    png_read_end(library_.png(), nullptr);
  });
  if (!ok) return fail();

  const auto* first = reinterpret_cast<const uint8_t*>(rows_.data()) + ptrdiff_t{window_.left} * channels_ +
                      (interlaced_ ? static_cast<size_t>(next_row_) * stride_bytes_ : 0);
  Strip strip{next_row_, {first, {rows, window_.width()}, 3, static_cast<ptrdiff_t>(stride_bytes_)}};
  if (channels_ == 4) {
    auto* opaque = reinterpret_cast<uint8_t*>(opaque_.data());
    const ptrdiff_t opaque_stride = ptrdiff_t{window_.width()} * 3;
    for (int y = 0; y < rows; ++y) {
      composite_over_background(strip.rgb.row(y), window_.width(), kAlphaBackground, opaque + y * opaque_stride);
    }
    strip.rgb.data = opaque;
    strip.rgb.stride_bytes = opaque_stride;
  }
  next_row_ += rows;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_libpng_decoder() { return std::make_unique<LibpngDecoder>(); }

}  // namespace smol
