#include "smol/media/tiff_decoder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>

#include "smol/base/aligned_buffer.h"
#include "smol/base/error.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"
#include "smol/media/tiff_layout.h"
#include "smol/media/tiff_levels.h"

namespace smol {
namespace {

// TIFFRGBAImage packs RGBA into integers, read here as bytes.
static_assert(std::endian::native == std::endian::little);

constexpr int64_t kSmallBlockBytes = 16 << 20;  // a tile may be larger than a tiny picture

// Owns what TIFFRGBAImageBegin allocates.
class RgbaImage {
 public:
  RgbaImage() = default;
  RgbaImage(const RgbaImage&) = delete;
  RgbaImage& operator=(const RgbaImage&) = delete;
  ~RgbaImage() { end(); }

  bool begin(TIFF* tiff) {
    end();
    char message[1024];
    begun_ = TIFFRGBAImageBegin(&image_, tiff, 1, message) != 0;
    image_.req_orientation = image_.orientation = ORIENTATION_TOPLEFT;  // rows as they are stored
    return begun_;
  }
  // Needs the handle it began with.
  void end() {
    if (begun_) TIFFRGBAImageEnd(&image_);
    begun_ = false;
  }
  bool get(const Rect& part, uint32_t* rgba) {
    image_.row_offset = part.top;
    image_.col_offset = part.left;
    return TIFFRGBAImageGet(&image_, rgba, static_cast<uint32_t>(part.width()),
                            static_cast<uint32_t>(part.height())) != 0;
  }

 private:
  TIFFRGBAImage image_{};
  bool begun_ = false;
};

class TiffDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  Result<TiffLayout> open_file(Bytes bytes);
  Result<int> enter_level(int denominator);
  Status prepare();
  Status read_block(const Rect& part);
  Status read_tile_row(int first_row, int rows);
  Status read_blocks_until(int block_row);
  void show(int row, uint8_t* rgb) const;

  TiffFile file_;
  RgbaImage rgba_image_;  // ends before the file is closed
  TiffLayout layout_;     // of the directory that is decoded
  AlignedBuffer block_;   // one strip or tile, as layout_.pixel says
  ptrdiff_t block_stride_ = 0;
  AlignedBuffer raw_tile_;  // libtiff's
  AlignedBuffer tile_row_;  // the source's columns of a row of tiles, RGB
  AlignedBuffer strip_;
  Rect window_;  // in pixels of the output, which may have a row or column more than the level
  Rect source_;  // in pixels of the level
  bool whole_file_ = false;
  int next_block_row_ = 0;
  int next_row_ = 0;  // of the window
};

Result<TiffLayout> TiffDecoder::open_file(Bytes bytes) {
  window_ = {};
  next_row_ = 0;
  rgba_image_.end();
  if (const Status status = file_.open(bytes); !status.ok()) return status.error();
  return read_tiff_layout(file_);
}

Result<ImageInfo> TiffDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<TiffLayout> layout = open_file(bytes);
  if (!layout.ok()) return layout.error();
  return layout->info;
}

Result<std::vector<DecodeMode>> TiffDecoder::modes(std::span<const std::byte> bytes) {
  const Result<TiffLayout> layout = open_file(bytes);
  if (!layout.ok()) return layout.error();
  std::vector<DecodeMode> modes{{DecodeSpec{}, layout->size}};
  for (const TiffLevel& level : find_tiff_levels(file_, layout->size)) {
    modes.push_back({DecodeSpec{.scale_denominator = level.denominator},
                     scaled_region(layout->size, {}, level.denominator).output.size()});
  }
  return modes;
}

// The denominator of the level that layout_ is of then.
Result<int> TiffDecoder::enter_level(int denominator) {
  if (denominator == 1) return 1;
  TiffLevel best;
  for (const TiffLevel& level : find_tiff_levels(file_, layout_.size)) {
    if (level.denominator <= denominator) best = level;
  }
  if (best.denominator != 1 && TIFFSetSubDirectory(file_.handle(), best.directory) == 0) {
    return file_.error("the directory of a level is damaged");
  }
  const Result<TiffLayout> layout = read_tiff_layout(file_);
  if (!layout.ok()) return layout.error();
  layout_ = *layout;
  return best.denominator;
}

Result<DecodedGeometry> TiffDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                          const DecodeLimits& limits) {
  if (spec.scale_denominator < 1) {
    throw Error(ErrorCode::kUsage, "a scale must be 1/1 or smaller, not 1/" + std::to_string(spec.scale_denominator));
  }
  const Result<TiffLayout> layout = open_file(bytes);
  if (!layout.ok()) return layout.error();
  layout_ = *layout;
  const Size full = layout_.size;
  if (const Status status = check_pixels(full, limits); !status.ok()) return status.error();
  scaled_region(full, spec.region, 1);  // throws if it is none
  whole_file_ = !spec.region.has_value() || spec.read_to_end;
  if (whole_file_) {
    if (const Status status = check_tiff_blocks_in_file(file_); !status.ok()) return status.error();
  }
  try {
    const Result<int> denominator = enter_level(spec.scale_denominator);
    if (!denominator.ok()) return denominator.error();
    const ScaledRegion region = scaled_region(full, spec.region, *denominator);
    const Rect& output = region.output;
    const Size level = layout_.size;
    source_ = {std::min(output.top, level.height - 1), std::min(output.left, level.width - 1),
               std::min(output.bottom, level.height), std::min(output.right, level.width)};
    strip_.ensure(static_cast<size_t>(output.width()) * 3 * std::min(kStripRows, output.height()));
    if (const Status status = prepare(); !status.ok()) return status.error();
    window_ = output;
    return DecodedGeometry{window_.size(), region.covers, *denominator, full};
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoded picture"};
  }
}

// Memory for the blocks of layout_ that cover source_.
Status TiffDecoder::prepare() {
  const int64_t pixel_limit = std::max(layout_.size.pixels() * 8, kSmallBlockBytes);
  if (layout_.block_bytes <= 0 || layout_.block_bytes > pixel_limit) {
    return ItemError{ItemErrorCode::kTooManyPixels, "a strip or tile much larger than the picture"};
  }
  const Size inside{std::min(layout_.block.height, layout_.size.height),
                    std::min(layout_.block.width, layout_.size.width)};
  file_.begin_pixels();
  if (layout_.by_rgba_image) {
    if (!rgba_image_.begin(file_.handle())) return file_.error("libtiff does not convert this picture");
    block_.ensure(static_cast<size_t>(inside.pixels()) * 4);
    if (layout_.tiled && layout_.uncompressed) {
      // TIFFRGBAImage insists on a raw buffer of the tile's size, which libtiff's own, rounded up, often is not.
      raw_tile_.ensure(static_cast<size_t>(layout_.block_bytes));
      TIFFReadBufferSetup(file_.handle(), raw_tile_.data(), layout_.block_bytes);
    }
  } else {
    block_.ensure(static_cast<size_t>(layout_.block_bytes));
  }
  if (layout_.tiled) tile_row_.ensure(static_cast<size_t>(inside.height) * source_.width() * 3);
  next_block_row_ = whole_file_ ? 0 : source_.top / layout_.block.height;
  return ok_status();
}

// The block that begins at the part's top left corner, into block_. Of strips, no rows below the part.
Status TiffDecoder::read_block(const Rect& part) {
  TIFF* tiff = file_.handle();
  const auto top = static_cast<uint32_t>(part.top), left = static_cast<uint32_t>(part.left);
  bool ok = false;
  if (layout_.by_rgba_image) {
    block_stride_ = ptrdiff_t{part.width()} * 4;
    ok = rgba_image_.get(part, reinterpret_cast<uint32_t*>(block_.data()));
  } else {
    block_stride_ = ptrdiff_t{layout_.block.width} * layout_.pixel.bytes();
    const tmsize_t wanted = layout_.tiled ? layout_.block_bytes : part.height() * block_stride_;
    const tmsize_t got =
        layout_.tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, left, top, 0, 0), block_.data(), wanted)
                      : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, top, 0), block_.data(), wanted);
    ok = got == wanted;
  }
  if (!ok || file_.has_complaint()) return file_.error("a strip or tile cannot be decoded");
  return ok_status();
}

// `rows` of the row of tiles that begins at `first_row`, into tile_row_.
Status TiffDecoder::read_tile_row(int first_row, int rows) {
  const int tile_width = layout_.block.width;
  const int first = whole_file_ ? 0 : source_.left / tile_width * tile_width;
  const int end = whole_file_ ? layout_.size.width : source_.right;
  auto* const rgb = reinterpret_cast<uint8_t*>(tile_row_.data());
  for (int left = first; left < end; left += tile_width) {
    const int right = std::min(left + tile_width, layout_.size.width);
    if (const Status status = read_block({first_row, left, first_row + rows, right}); !status.ok()) return status;
    const int shown_left = std::max(left, source_.left), shown = std::min(right, source_.right) - shown_left;
    if (shown <= 0) continue;
    const auto* samples =
        reinterpret_cast<const uint8_t*>(block_.data()) + ptrdiff_t{shown_left - left} * layout_.pixel.bytes();
    for (int y = 0; y < rows; ++y) {
      tiff_samples_to_rgb(samples + y * block_stride_, layout_.pixel, shown,
                          rgb + (ptrdiff_t{y} * source_.width() + shown_left - source_.left) * 3);
    }
  }
  return ok_status();
}

// Every block is read in order, so that block_row is the one in memory then.
Status TiffDecoder::read_blocks_until(int block_row) {
  for (; next_block_row_ <= block_row; ++next_block_row_) {
    const int first = next_block_row_ * layout_.block.height;
    const int end = std::min(first + layout_.block.height, whole_file_ ? layout_.size.height : source_.bottom);
    const Status status =
        layout_.tiled ? read_tile_row(first, end - first) : read_block({first, 0, end, layout_.size.width});
    if (!status.ok()) return status;
  }
  return ok_status();
}

// A row of the level; the last pixel again where the window is wider.
void TiffDecoder::show(int row, uint8_t* rgb) const {
  const ptrdiff_t block_row = row % layout_.block.height;
  const int width = source_.width();
  if (layout_.tiled) {
    const auto* pixels = reinterpret_cast<const uint8_t*>(tile_row_.data());
    std::memcpy(rgb, pixels + block_row * width * 3, static_cast<size_t>(width) * 3);
  } else {
    const auto* samples = reinterpret_cast<const uint8_t*>(block_.data()) + block_row * block_stride_;
    tiff_samples_to_rgb(samples + ptrdiff_t{source_.left} * layout_.pixel.bytes(), layout_.pixel, width, rgb);
  }
  for (int x = width; x < window_.width(); ++x)
    std::memcpy(rgb + ptrdiff_t{x} * 3, rgb + ptrdiff_t{width - 1} * 3, 3);
}

Result<Strip> TiffDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  auto* const pixels = reinterpret_cast<uint8_t*>(strip_.data());
  const ptrdiff_t stride = ptrdiff_t{window_.width()} * 3;
  const auto abandon = [this](const ItemError& error) {
    window_ = {};
    next_row_ = 0;
    return error;
  };
  for (int y = 0; y < rows; ++y) {
    const int row = std::min(window_.top + next_row_ + y, source_.bottom - 1);
    if (const Status status = read_blocks_until(row / layout_.block.height); !status.ok()) {
      return abandon(status.error());
    }
    show(row, pixels + y * stride);
  }
  const Strip strip{next_row_, {pixels, {rows, window_.width()}, 3, stride}};
  next_row_ += rows;
  if (next_row_ == window_.height() && whole_file_) {
    const int last = (layout_.size.height - 1) / layout_.block.height;
    if (const Status status = read_blocks_until(last); !status.ok()) return abandon(status.error());
  }
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_tiff_decoder() { return std::make_unique<TiffDecoder>(); }

}  // namespace smol
