#include "smol/base/image_info.h"

namespace smol {

std::string_view name(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg: return "jpeg";
    case ImageFormat::kPng: return "png";
    case ImageFormat::kWebp: return "webp";
    case ImageFormat::kHeif: return "heif";
    case ImageFormat::kAvif: return "avif";
    case ImageFormat::kJpeg2000: return "jpeg2000";
    case ImageFormat::kJpegXl: return "jpegxl";
    case ImageFormat::kTiff: return "tiff";
    case ImageFormat::kGif: return "gif";
    case ImageFormat::kBmp: return "bmp";
    case ImageFormat::kPnm: return "pnm";
  }
  return "unknown";
}

std::string_view name(ColourModel model) {
  switch (model) {
    case ColourModel::kGrey: return "grey";
    case ColourModel::kRgb: return "rgb";
    case ColourModel::kYcbcr: return "ycbcr";
    case ColourModel::kCmyk: return "cmyk";
    case ColourModel::kYcck: return "ycck";
    case ColourModel::kPalette: return "palette";
  }
  return "unknown";
}

std::string_view name(ChromaSubsampling subsampling) {
  switch (subsampling) {
    case ChromaSubsampling::kNone: return "none";
    case ChromaSubsampling::k444: return "4:4:4";
    case ChromaSubsampling::k440: return "4:4:0";
    case ChromaSubsampling::k422: return "4:2:2";
    case ChromaSubsampling::k420: return "4:2:0";
    case ChromaSubsampling::k411: return "4:1:1";
    case ChromaSubsampling::k410: return "4:1:0";
    case ChromaSubsampling::kOther: return "other";
  }
  return "unknown";
}

}  // namespace smol
