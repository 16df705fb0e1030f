#include <algorithm>
#include <array>
#include <string_view>

#include "smol/media/bytes.h"
#include "smol/media/decoder.h"

namespace smol {
namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::string_view first_bytes;
  ImageFormat format;
};

constexpr Signature kSignatures[] = {
    {"\xff\xd8\xff"sv, ImageFormat::kJpeg},
    {"\x89PNG\r\n\x1a\n"sv, ImageFormat::kPng},
    {"\xff\x4f\xff\x51"sv, ImageFormat::kJpeg2000},          // raw codestream: SOC, SIZ
    {"\0\0\0\x0cjP  \r\n\x87\n"sv, ImageFormat::kJpeg2000},  // signature box of JP2
    {"\xff\x0a"sv, ImageFormat::kJpegXl},                    // raw codestream
    {"\0\0\0\x0cJXL \r\n\x87\n"sv, ImageFormat::kJpegXl},    // signature box of the container
    {"II\x2a\0"sv, ImageFormat::kTiff},
    {"MM\0\x2a"sv, ImageFormat::kTiff},
    {"II\x2b\0"sv, ImageFormat::kTiff},  // BigTIFF
    {"MM\0\x2b"sv, ImageFormat::kTiff},
    {"GIF87a"sv, ImageFormat::kGif},
    {"GIF89a"sv, ImageFormat::kGif},
};

bool is_one_of(std::string_view brand, std::span<const std::string_view> brands) {
  return std::find(brands.begin(), brands.end(), brand) != brands.end();
}

// ISO base media files name their kind in the brands of the first box: major brand, version, compatible brands.
// A file that is readable both ways (major brand mif1) is AVIF if any brand says so.
std::optional<ImageFormat> format_of_brands(Bytes bytes) {
  static constexpr std::array kAvif = {"avif"sv, "avis"sv, "avio"sv};
  static constexpr std::array kHeif = {"heic"sv, "heix"sv, "heim"sv, "heis"sv, "hevc"sv, "hevx"sv,
                                       "hevm"sv, "hevs"sv, "mif1"sv, "msf1"sv, "mif2"sv};
  if (!holds(bytes, 4, "ftyp")) return std::nullopt;
  const size_t box_bytes = *NumberReader(bytes, true).u32(0);
  const Bytes box = bytes.first(std::min(bytes.size(), box_bytes));
  std::optional<ImageFormat> format;
  for (size_t offset = 8; offset + 4 <= box.size(); offset += 4) {
    if (offset == 12) continue;  // the minor version
    const std::string_view brand(reinterpret_cast<const char*>(box.data()) + offset, 4);
    if (is_one_of(brand, kAvif)) return ImageFormat::kAvif;
    if (is_one_of(brand, kHeif)) format = ImageFormat::kHeif;
  }
  return format;
}

// Two letters are not much of a signature, so the fields behind them must make sense too.
bool is_bmp(Bytes bytes) {
  if (!holds(bytes, 0, "BM")) return false;
  const auto header_bytes = NumberReader(bytes, false).u32(14);
  static constexpr std::array<uint32_t, 8> kKnown = {12, 16, 40, 52, 56, 64, 108, 124};
  return header_bytes && std::find(kKnown.begin(), kKnown.end(), *header_bytes) != kKnown.end();
}

bool is_pnm(Bytes bytes) {
  if (bytes.size() < 3 || bytes[0] != std::byte{'P'}) return false;
  const char kind = std::to_integer<char>(bytes[1]);
  const char next = std::to_integer<char>(bytes[2]);
  return kind >= '1' && kind <= '7' && (next == ' ' || next == '\n' || next == '\r' || next == '\t' || next == '#');
}

}  // namespace

Result<ImageFormat> detect_format(std::span<const std::byte> bytes) {
  if (bytes.empty()) return ItemError{ItemErrorCode::kEmptyFile, "the file has no bytes"};
  for (const Signature& signature : kSignatures) {
    if (holds(bytes, 0, signature.first_bytes)) return signature.format;
  }
  if (holds(bytes, 0, "RIFF") && holds(bytes, 8, "WEBP")) return ImageFormat::kWebp;
  if (const auto format = format_of_brands(bytes)) return *format;
  if (is_bmp(bytes)) return ImageFormat::kBmp;
  if (is_pnm(bytes)) return ImageFormat::kPnm;
  return ItemError{ItemErrorCode::kUnknownFormat, "the first bytes are those of no image format"};
}

}  // namespace smol
