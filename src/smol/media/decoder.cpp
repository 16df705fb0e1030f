#include "smol/media/decoder.h"

#include <array>
#include <cstring>
#include <new>
#include <string>

#include "smol/base/error.h"
#include "smol/media/bmp_decoder.h"
#include "smol/media/gif_decoder.h"
#include "smol/media/heif_decoder.h"
#include "smol/media/jpeg2000_decoder.h"
#include "smol/media/jpeg_decoder.h"
#include "smol/media/jxl_decoder.h"
#include "smol/media/png_decoder.h"
#include "smol/media/pnm_decoder.h"
#include "smol/media/tiff_decoder.h"
#include "smol/media/webp_decoder.h"

namespace smol {

namespace {

using MakeDecoder = std::unique_ptr<Decoder> (*)();

MakeDecoder maker_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg: return make_jpeg_decoder;
    case ImageFormat::kJpeg2000: return make_jpeg2000_decoder;
    case ImageFormat::kJpegXl: return make_jxl_decoder;
    case ImageFormat::kPng: return make_png_decoder;
    case ImageFormat::kHeif:
    case ImageFormat::kAvif: return make_heif_decoder;
    case ImageFormat::kBmp: return make_bmp_decoder;
    case ImageFormat::kGif: return make_gif_decoder;
    case ImageFormat::kPnm: return make_pnm_decoder;
    case ImageFormat::kTiff: return make_tiff_decoder;
    case ImageFormat::kWebp: return make_webp_decoder;
  }
  throw Error(ErrorCode::kFailed, "a format without a decoder: " + std::string(name(format)));
}

}  // namespace

struct DecoderSet::Impl {
  std::array<std::unique_ptr<Decoder>, kImageFormatCount> decoders;
};

DecoderSet::DecoderSet() : impl_(std::make_unique<Impl>()) {}
DecoderSet::~DecoderSet() = default;

Result<Decoder*> DecoderSet::decoder_for(std::span<const std::byte> bytes) {
  const Result<ImageFormat> format = detect_format(bytes);
  if (!format.ok()) return format.error();
  std::unique_ptr<Decoder>& decoder = impl_->decoders[static_cast<size_t>(*format)];
  if (!decoder) decoder = maker_of(*format)();
  return decoder.get();
}

Result<std::vector<DecodeMode>> Decoder::modes(std::span<const std::byte> bytes) {
  const Result<ImageInfo> info = inspect(bytes);
  if (!info.ok()) return info.error();
  return std::vector<DecodeMode>{{DecodeSpec{}, info->stored}};
}

Result<DecodedGeometry> decode_image(Decoder& decoder, std::span<const std::byte> bytes, const DecodeSpec& spec,
                                     const DecodeLimits& limits, Image& out) {
  const Result<DecodedGeometry> geometry = decoder.open(bytes, spec, limits);
  if (!geometry.ok()) return geometry;
  try {
    out.resize(geometry->size, 3);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoded picture"};
  }
  const ImageView target = out.view();
  for (;;) {
    const Result<Strip> strip = decoder.next_strip();
    if (!strip.ok()) return strip.error();
    const ConstImageView& rgb = strip->rgb;
    if (rgb.size.height == 0) return geometry;
    for (int y = 0; y < rgb.size.height; ++y) {
      std::memcpy(target.row(strip->first_row + y), rgb.row(y), static_cast<size_t>(rgb.size.width) * 3);
    }
  }
}

}  // namespace smol
