#include <string_view>

#include "smol/media/decoder.h"

namespace smol {
namespace {

using namespace std::string_view_literals;

struct Magic {
  size_t offset;
  std::string_view bytes;
  ImageFormat format;
};

constexpr Magic kMagics[] = {
    {0, "\xff\xd8\xff"sv, ImageFormat::kJpeg},
    {0, "\x89PNG\r\n\x1a\n"sv, ImageFormat::kPng},
    {8, "WEBP"sv, ImageFormat::kWebp},
    {0, "\0\0\0\x0cjP  \r\n\x87\n"sv, ImageFormat::kJpeg2000},
    {0, "\xff\x4f\xff\x51"sv, ImageFormat::kJpeg2000},
    {0, "\xff\x0a"sv, ImageFormat::kJpegXl},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, ImageFormat::kJpegXl},
    {0, "II*\0"sv, ImageFormat::kTiff},
    {0, "MM\0*"sv, ImageFormat::kTiff},
    {0, "II+\0"sv, ImageFormat::kTiff},
    {0, "MM\0+"sv, ImageFormat::kTiff},
    {0, "GIF87a"sv, ImageFormat::kGif},
    {0, "GIF89a"sv, ImageFormat::kGif},
    {0, "BM"sv, ImageFormat::kBmp},
};

constexpr std::string_view kHeifBrands[] = {"heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1"};
constexpr std::string_view kAvifBrands[] = {"avif", "avis"};

std::string_view part(std::string_view file, size_t offset, size_t length) {
  return offset + length <= file.size() ? file.substr(offset, length) : std::string_view();
}

template <size_t N>
bool is_one_of(std::string_view brand, const std::string_view (&brands)[N]) {
  for (const std::string_view known : brands) {
    if (brand == known) return true;
  }
  return false;
}

// ISO base media: [size]["ftyp"][major brand][minor version][compatible brands ...]. AVIF files may name mif1 first.
Result<ImageFormat> iso_media_format(std::string_view file) {
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(file[i])); };
  const size_t box = std::min(file.size(), (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3));
  bool heif = false;
  for (size_t at = 8; at + 4 <= box; at += 4) {
    if (at == 12) continue;  // the minor version
    if (is_one_of(file.substr(at, 4), kAvifBrands)) return ImageFormat::kAvif;
    heif = heif || is_one_of(file.substr(at, 4), kHeifBrands);
  }
  if (heif) return ImageFormat::kHeif;
  return ItemError{ItemErrorCode::kUnknownFormat, "an ISO media file, but no picture"};
}

// "P1" ... "P6" and white space.
bool is_pnm(std::string_view file) {
  return file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' &&
         (file[2] == '\n' || file[2] == ' ' || file[2] == '\t' || file[2] == '\r');
}

}  // namespace

Result<ImageFormat> detect_format(std::span<const std::byte> bytes) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Magic& magic : kMagics) {
    if (part(file, magic.offset, magic.bytes.size()) != magic.bytes) continue;
    if (magic.format == ImageFormat::kWebp && part(file, 0, 4) != "RIFF") continue;
    return magic.format;
  }
  if (part(file, 4, 4) == "ftyp") return iso_media_format(file);
  if (is_pnm(file)) return ImageFormat::kPnm;
  return ItemError{ItemErrorCode::kUnknownFormat, "the first bytes are not those of an image format"};
}

}  // namespace smol
