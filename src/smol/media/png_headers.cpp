#include "smol/media/png_headers.h"

#include <string_view>

#include "smol/media/bytes.h"

namespace smol {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kChunkOverheadBytes = 12;  // length, type, checksum
constexpr size_t kHeaderChunkBytes = 13;
constexpr uint32_t kMaxSide = 0x7fffffff;

}  // namespace

Result<PngHeaders> read_png_header(std::span<const std::byte> png) {
  const NumberReader numbers(png, true);
  if (!holds(png, 0, "\x89PNG\r\n\x1a\n")) {
    return ItemError{ItemErrorCode::kCorrupt, "the file does not begin as a PNG"};
  }
  if (holds(png, kSignatureBytes + 4, "CgBI")) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "PNG in Apple's CgBI variant"};
  }
  if (png.size() < kSignatureBytes + kChunkOverheadBytes + kHeaderChunkBytes) {
    return ItemError{ItemErrorCode::kTruncated, "the file ends within its header"};
  }
  if (numbers.u32(kSignatureBytes) != kHeaderChunkBytes || !holds(png, kSignatureBytes + 4, "IHDR")) {
    return ItemError{ItemErrorCode::kCorrupt, "the first chunk is not a header"};
  }
  const size_t body = kSignatureBytes + 8;
  const uint32_t width = *numbers.u32(body);
  const uint32_t height = *numbers.u32(body + 4);
  if (width == 0 || height == 0 || width > kMaxSide || height > kMaxSide) {
    return ItemError{ItemErrorCode::kCorrupt, "the header has an impossible size"};
  }
  PngHeaders headers;
  headers.size = {static_cast<int>(height), static_cast<int>(width)};
  headers.bits_per_sample = static_cast<int>(*numbers.u8(body + 8));
  headers.colour_type = *numbers.u8(body + 9);
  headers.interlaced = *numbers.u8(body + 12) == 1;
  if (headers.colour_type > 6 || headers.colour_type == 1 || headers.colour_type == 5) {
    return ItemError{ItemErrorCode::kCorrupt, "the header has an unknown colour type"};
  }
  return headers;
}

Result<PngHeaders> read_png_headers(std::span<const std::byte> png) {
  Result<PngHeaders> headers = read_png_header(png);
  if (!headers.ok()) return headers;
  const NumberReader numbers(png, true);
  size_t offset = kSignatureBytes + kChunkOverheadBytes + kHeaderChunkBytes;
  while (const auto length = numbers.u32(offset)) {
    const Bytes body = clipped(png, offset + 8, *length);
    if (body.size() < *length) break;
    if (holds(png, offset + 4, "tRNS")) headers->has_transparency = true;
    if (holds(png, offset + 4, "eXIf")) headers->exif = body;
    static constexpr std::string_view kUncompressedXmp("XML:com.adobe.xmp\0\0", 19);
    if (holds(png, offset + 4, "iTXt") && holds(body, 0, kUncompressedXmp)) headers->xmp = body;
    if (holds(png, offset + 4, "IEND")) break;
    offset += kChunkOverheadBytes + *length;
  }
  return headers;
}

bool reaches_png_end(std::span<const std::byte> png) {
  const NumberReader numbers(png, true);
  size_t offset = kSignatureBytes;
  while (const auto length = numbers.u32(offset)) {
    if (*length + kChunkOverheadBytes > png.size() - offset) return false;
    if (holds(png, offset + 4, "IEND")) return true;
    offset += *length + kChunkOverheadBytes;
  }
  return false;
}

}  // namespace smol
