#include "smol/engine/image_files.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "smol/media/decoder.h"

namespace smol {
namespace {

constexpr std::string_view kImageExtensions[] = {"jpg",  "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif",
                                                 "hif",  "avif", "jp2", "j2k",  "j2c", "jpx",  "jxl",  "tif",
                                                 "tiff", "gif",  "bmp", "dib",  "ppm", "pgm",  "pbm",  "pnm"};
constexpr std::string_view kVideoExtensions[] = {"mp4", "m4v", "mov",  "mkv", "webm", "avi", "mpg", "mpeg",
                                                 "ts",  "mts", "m2ts", "3gp", "flv",  "wmv", "ogv"};
constexpr size_t kLongestExtension = 4;
constexpr size_t kFirstBytes = 512;  // signatures need fewer; the brands of an HEIF file are in its first box

std::string_view extension_of(std::string_view path) {
  const std::string_view file_name = path.substr(path.rfind('/') + 1);
  const size_t dot = file_name.rfind('.');
  return dot == file_name.npos || dot == 0 ? std::string_view() : file_name.substr(dot + 1);
}

bool has_one_of(std::span<const std::string_view> extensions, std::string_view path) {
  const std::string_view extension = extension_of(path);
  if (extension.size() > kLongestExtension) return false;
  std::string lower(extension);  // short enough to need no heap
  for (char& c : lower) c = static_cast<char>('A' <= c && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::find(extensions.begin(), extensions.end(), lower) != extensions.end();
}

}  // namespace

bool has_image_extension(std::string_view path) { return has_one_of(kImageExtensions, path); }
bool has_video_extension(std::string_view path) { return has_one_of(kVideoExtensions, path); }
bool has_media_extension(std::string_view path) { return has_image_extension(path) || has_video_extension(path); }

bool has_extension(std::string_view path) { return !extension_of(path).empty(); }

bool starts_like_image(int descriptor) {
  std::array<std::byte, kFirstBytes> bytes;
  const ssize_t got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  return got > 0 && detect_format(std::span(bytes).first(static_cast<size_t>(got))).ok();
}

}  // namespace smol
