// Graphics Interchange Format, version 89a.
#include "smol/media/gif_decoder.h"

#include <algorithm>
#include <optional>

#include "smol/media/gif_lzw.h"
#include "smol/media/row_decoder.h"

namespace smol {
namespace {

constexpr size_t kScreenBytes = 13;  // signature and screen descriptor
constexpr int kTrailer = 0x3b;
constexpr int kExtension = 0x21;
constexpr int kImage = 0x2c;
constexpr uint32_t kGraphicControl = 0xf9;
constexpr uint32_t kHasPalette = 0x80;

ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }

struct GifHeaders {
  Size canvas;
  Rect frame;
  bool interlaced = false;
  Bytes palette;  // red, green, blue
  int transparent_index = -1;
  Bytes data;  // from the minimum code size on
};

// 3 * 2^(n+1) bytes behind a descriptor whose flags announce a palette; nullopt if they are not all there.
std::optional<Bytes> palette_at(Bytes file, size_t offset, uint32_t flags) {
  if ((flags & kHasPalette) == 0) return Bytes{};
  const Bytes palette = clipped(file, offset, size_t{6} << (flags & 7));
  if (palette.size() < size_t{6} << (flags & 7)) return std::nullopt;
  return palette;
}

Status read_image_descriptor(Bytes file, size_t offset, GifHeaders& headers) {
  const NumberReader number(file, false);
  const auto flags = number.u8(offset + 9);
  if (!flags) return truncated();
  const auto u16 = [&](size_t at) { return static_cast<int>(*number.u16(offset + at)); };
  headers.frame = {u16(3), u16(1), u16(3) + u16(7), u16(1) + u16(5)};
  if (headers.frame.height() == 0 || headers.frame.width() == 0) {
    return ItemError{ItemErrorCode::kCorrupt, "a frame without pixels"};
  }
  // A frame that reaches out of the screen makes the picture larger, as Pillow has it.
  headers.canvas.height = std::max(headers.canvas.height, headers.frame.bottom);
  headers.canvas.width = std::max(headers.canvas.width, headers.frame.right);
  headers.interlaced = (*flags & 0x40) != 0;
  const auto palette = palette_at(file, offset + 10, *flags);
  if (!palette) return truncated();
  if (!palette->empty()) headers.palette = *palette;
  if (headers.palette.empty()) return ItemError{ItemErrorCode::kUnsupportedFormat, "a GIF without a palette"};
  headers.data = file.subspan(offset + 10 + palette->size());
  return ok_status();
}

// Behind the sub-blocks that begin at `offset`.
std::optional<size_t> skip_sub_blocks(const NumberReader& number, size_t offset) {
  for (;;) {
    const auto length = number.u8(offset);
    if (!length) return std::nullopt;
    offset += 1 + *length;
    if (*length == 0) return offset;
  }
}

// Up to the data of the first frame.
Result<GifHeaders> read_headers(Bytes file) {
  const NumberReader number(file, false);
  if (file.size() < kScreenBytes) return truncated();
  GifHeaders headers;
  headers.canvas = {static_cast<int>(*number.u16(8)), static_cast<int>(*number.u16(6))};
  const auto palette = palette_at(file, kScreenBytes, *number.u8(10));
  if (!palette) return truncated();
  headers.palette = *palette;
  size_t offset = kScreenBytes + palette->size();
  for (;;) {
    const auto introducer = number.u8(offset);
    if (!introducer) return truncated();
    if (*introducer == kImage) {
      if (const Status status = read_image_descriptor(file, offset, headers); !status.ok()) return status.error();
      return headers;
    }
    if (*introducer == kTrailer) return ItemError{ItemErrorCode::kCorrupt, "a file without a frame"};
    if (*introducer != kExtension) return ItemError{ItemErrorCode::kCorrupt, "an unknown block"};
    if (number.u8(offset + 1) == kGraphicControl && number.u8(offset + 2) == 4U) {
      const auto flags = number.u8(offset + 3);
      const auto index = number.u8(offset + 6);
      if (!flags || !index) return truncated();
      headers.transparent_index = (*flags & 1) != 0 ? static_cast<int>(*index) : -1;
    }
    const auto next = skip_sub_blocks(number, offset + 2);
    if (!next) return truncated();
    offset = *next;
  }
}

// Where a row of the frame lies in an interlaced frame's data: rows 0, 8, ..., then 4, 12, ..., then 2, 6, ..., then
// the odd ones.
int interlaced_position(int row, int height) {
  const auto rows_of = [height](int first, int step) {
    return height > first ? (height - first + step - 1) / step : 0;
  };
  if (row % 8 == 0) return row / 8;
  if (row % 8 == 4) return rows_of(0, 8) + row / 8;
  if (row % 4 == 2) return rows_of(0, 8) + rows_of(4, 8) + row / 4;
  return rows_of(0, 2) + row / 2;
}

class GifDecoder final : public RowDecoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;

 protected:
  Result<Size> start(Bytes bytes) override;
  Status prepare(int rows) override;
  Status read_row(uint8_t* rgb) override;

 private:
  GifHeaders headers_;
  AlignedBuffer indices_;  // of the frame, in the order of the file
  int row_ = 0;            // of the canvas
};

Result<ImageInfo> GifDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<GifHeaders> headers = read_headers(bytes);
  if (!headers.ok()) return headers.error();
  ImageInfo info;
  info.format = ImageFormat::kGif;
  info.stored = headers->canvas;
  info.colour = ColourModel::kPalette;
  info.has_alpha = headers->transparent_index >= 0;
  info.interlaced = headers->interlaced;
  return info;
}

Result<Size> GifDecoder::start(Bytes bytes) {
  const Result<GifHeaders> headers = read_headers(bytes);
  if (!headers.ok()) return headers.error();
  headers_ = *headers;
  row_ = 0;
  return headers_.canvas;
}

Status GifDecoder::prepare(int) {
  const auto pixels = static_cast<size_t>(headers_.frame.size().pixels());
  indices_.ensure(pixels);
  return decode_gif_lzw(headers_.data, {reinterpret_cast<uint8_t*>(indices_.data()), pixels});
}

Status GifDecoder::read_row(uint8_t* rgb) {
  const int y = row_++;
  const Rect& frame = headers_.frame;
  if (rgb == nullptr) return ok_status();
  std::fill_n(rgb, ptrdiff_t{headers_.canvas.width} * 3, kAlphaBackground);
  if (y < frame.top || y >= frame.bottom) return ok_status();
  const int position = headers_.interlaced ? interlaced_position(y - frame.top, frame.height()) : y - frame.top;
  const auto* index = reinterpret_cast<const uint8_t*>(indices_.data()) + ptrdiff_t{position} * frame.width();
  rgb += ptrdiff_t{frame.left} * 3;
  for (int x = 0; x < frame.width(); ++x, ++index, rgb += 3) {
    if (*index == headers_.transparent_index) continue;
    const size_t entry = size_t{*index} * 3;
    if (entry >= headers_.palette.size()) {
      return ItemError{ItemErrorCode::kCorrupt, "a pixel outside the palette"};
    }
    for (size_t i = 0; i < 3; ++i) rgb[i] = std::to_integer<uint8_t>(headers_.palette[entry + i]);
  }
  return ok_status();
}

}  // namespace

std::unique_ptr<Decoder> make_gif_decoder() { return std::make_unique<GifDecoder>(); }

}  // namespace smol
