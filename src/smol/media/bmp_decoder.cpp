// Microsoft, Bitmap Storage: BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER, BITMAPV5HEADER.
#include "smol/media/bmp_decoder.h"

#include <algorithm>
#include <array>
#include <bit>

#include "smol/media/alpha.h"
#include "smol/media/row_decoder.h"

namespace smol {
namespace {

constexpr size_t kFileHeaderBytes = 14;
constexpr uint32_t kCoreHeaderBytes = 12;
constexpr uint32_t kInfoHeaderBytes = 40;
constexpr uint32_t kAlphaMaskHeaderBytes = 56;  // the shortest header that holds a mask for alpha
constexpr uint32_t kUncompressed = 0;
constexpr uint32_t kBitFields = 3;
constexpr uint32_t kAlphaBitFields = 6;

ItemError corrupt(const char* message) { return {ItemErrorCode::kCorrupt, message}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }

struct BmpHeader {
  Size size;
  bool top_down = false;
  int bits = 24;                    // a pixel
  std::array<uint32_t, 4> masks{};  // red, green, blue, alpha, of 16 and 32 bit; 0: no such channel
  Bytes palette;
  size_t entry_bytes = 4;  // of the palette: blue, green, red, and maybe a byte that means nothing
  size_t pixels_offset = 0;
  int64_t row_bytes() const { return (int64_t{size.width} * bits + 31) / 32 * 4; }
};

bool is_known_depth(int bits) {
  return bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
}

Status read_masks(const NumberReader& number, uint32_t header_bytes, uint32_t compression, BmpHeader& header) {
  if (compression == kUncompressed) {
    header.masks = header.bits == 16 ? std::array<uint32_t, 4>{0x7c00, 0x03e0, 0x001f, 0}
                                     : std::array<uint32_t, 4>{0xff0000, 0x00ff00, 0x0000ff, 0};
    return ok_status();
  }
  const bool has_alpha = header_bytes >= kAlphaMaskHeaderBytes || compression == kAlphaBitFields;
  for (size_t i = 0; i < (has_alpha ? 4 : 3); ++i) {
    const auto mask = number.u32(kFileHeaderBytes + kInfoHeaderBytes + i * 4);
    if (!mask) return truncated();
    const uint32_t ones = *mask == 0 ? 0 : *mask >> std::countr_zero(*mask);
    if ((ones & (ones + 1)) != 0) return corrupt("a channel whose bits are not side by side");
    header.masks[i] = *mask;
  }
  return ok_status();
}

Result<BmpHeader> read_header(Bytes file) {
  const NumberReader number(file, false);
  const auto pixels_offset = number.u32(10);
  const auto header_bytes = number.u32(kFileHeaderBytes);
  if (!pixels_offset || !header_bytes || file.size() < kFileHeaderBytes + *header_bytes) return truncated();
  BmpHeader header;
  header.pixels_offset = *pixels_offset;
  uint32_t compression = kUncompressed;
  uint32_t entries = 0;
  int64_t height = 0;
  if (*header_bytes == kCoreHeaderBytes) {
    header.size.width = static_cast<int>(*number.u16(18));
    height = *number.u16(20);
    header.bits = static_cast<int>(*number.u16(24));
    header.entry_bytes = 3;
  } else if (*header_bytes >= kInfoHeaderBytes && *header_bytes != 64) {
    header.size.width = static_cast<int>(*number.u32(18));
    height = static_cast<int32_t>(*number.u32(22));
    header.bits = static_cast<int>(*number.u16(28));
    compression = *number.u32(30);
    entries = *number.u32(46);
  } else {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "a BMP of OS/2, version 2"};
  }
  header.top_down = height < 0;
  height = std::abs(height);
  if (header.size.width <= 0 || height == 0 || height > INT32_MAX) return corrupt("a picture without pixels");
  header.size.height = static_cast<int>(height);
  const bool has_fields = compression == kBitFields || compression == kAlphaBitFields;
  if (compression != kUncompressed && !has_fields) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "a compressed BMP"};
  }
  if (!is_known_depth(header.bits)) return corrupt("an unknown number of bits a pixel");
  if (has_fields && header.bits != 16 && header.bits != 32) return corrupt("bit fields of pixels without fields");
  if (header.bits == 16 || header.bits == 32) {
    if (const Status status = read_masks(number, *header_bytes, compression, header); !status.ok()) {
      return status.error();
    }
  }
  if (header.bits <= 8) {
    const uint32_t most = 1U << header.bits;
    if (entries > most) return corrupt("a palette larger than its pixels can say");
    const size_t palette_bytes = (entries == 0 ? most : entries) * header.entry_bytes;
    header.palette = clipped(file, kFileHeaderBytes + *header_bytes, palette_bytes);
    if (header.palette.size() < palette_bytes) return truncated();
  }
  return header;
}

class BmpDecoder final : public RowDecoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;

 protected:
  Result<Size> start(Bytes bytes) override;
  Status prepare(int rows) override;
  Status read_row(uint8_t* rgb) override;

 private:
  Status look_up(const uint8_t* row, uint8_t* rgb) const;
  void split_fields(const uint8_t* row, uint8_t* rgb) const;

  Bytes file_;
  BmpHeader header_;
  int row_ = 0;  // from the top
};

Result<ImageInfo> BmpDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<BmpHeader> header = read_header(bytes);
  if (!header.ok()) return header.error();
  ImageInfo info;
  info.format = ImageFormat::kBmp;
  info.stored = header->size;
  info.colour = header->bits <= 8 ? ColourModel::kPalette : ColourModel::kRgb;
  info.bits_per_sample = header->bits < 8 ? header->bits : 8;
  info.has_alpha = header->masks[3] != 0;
  return info;
}

Result<Size> BmpDecoder::start(Bytes bytes) {
  const Result<BmpHeader> header = read_header(bytes);
  if (!header.ok()) return header.error();
  file_ = bytes;
  header_ = *header;
  row_ = 0;
  return header_.size;
}

// The last row in the file is the picture's first, unless it is stored top down: so all of them must be there.
Status BmpDecoder::prepare(int rows) {
  const int64_t stored_rows = header_.top_down ? rows : header_.size.height;
  const size_t available = clipped(file_, header_.pixels_offset, file_.size()).size();
  return header_.row_bytes() * stored_rows <= static_cast<int64_t>(available) ? ok_status() : Status(truncated());
}

Status BmpDecoder::look_up(const uint8_t* row, uint8_t* rgb) const {
  const int per_byte = 8 / header_.bits;
  const int mask = (1 << header_.bits) - 1;
  for (int x = 0; x < header_.size.width; ++x, rgb += 3) {
    const int shift = 8 - header_.bits * (x % per_byte + 1);
    const auto entry = static_cast<size_t>(row[x / per_byte] >> shift & mask) * header_.entry_bytes;
    if (entry >= header_.palette.size()) return corrupt("a pixel outside the palette");
    for (size_t i = 0; i < 3; ++i) rgb[i] = std::to_integer<uint8_t>(header_.palette[entry + 2 - i]);
  }
  return ok_status();
}

void BmpDecoder::split_fields(const uint8_t* row, uint8_t* rgb) const {
  const int pixel_bytes = header_.bits / 8;
  for (int x = 0; x < header_.size.width; ++x, row += pixel_bytes, rgb += 3) {
    uint32_t pixel = 0;
    for (int i = 0; i < pixel_bytes; ++i) pixel |= uint32_t{row[i]} << (8 * i);
    uint8_t rgba[4] = {0, 0, 0, 255};
    for (size_t i = 0; i < 4; ++i) {
      const uint32_t mask = header_.masks[i];
      if (mask == 0) continue;
      const uint64_t largest = mask >> std::countr_zero(mask);
      const uint64_t value = (pixel & mask) >> std::countr_zero(mask);
      rgba[i] = static_cast<uint8_t>((value * 255 + largest / 2) / largest);
    }
    composite_over_background(rgba, 1, kAlphaBackground, rgb);
  }
}

Status BmpDecoder::read_row(uint8_t* rgb) {
  const int y = row_++;
  if (rgb == nullptr) return ok_status();
  const int stored_row = header_.top_down ? y : header_.size.height - 1 - y;
  const auto* row =
      reinterpret_cast<const uint8_t*>(file_.data()) + header_.pixels_offset + header_.row_bytes() * stored_row;
  if (header_.bits <= 8) return look_up(row, rgb);
  if (header_.bits != 24) {
    split_fields(row, rgb);
    return ok_status();
  }
  for (int x = 0; x < header_.size.width; ++x, row += 3, rgb += 3) {
    rgb[0] = row[2];
    rgb[1] = row[1];
    rgb[2] = row[0];
  }
  return ok_status();
}

}  // namespace

std::unique_ptr<Decoder> make_bmp_decoder() { return std::make_unique<BmpDecoder>(); }

}  // namespace smol
