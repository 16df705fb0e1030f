#include "smol/media/decoder.h"

#include <cstring>
#include <new>
#include <string>

#include "smol/media/jpeg_decoder.h"
#include "smol/media/png_decoder.h"

namespace smol {

struct DecoderSet::Impl {
  std::unique_ptr<Decoder> jpeg;
  std::unique_ptr<Decoder> png;
};

DecoderSet::DecoderSet() : impl_(std::make_unique<Impl>()) {}
DecoderSet::~DecoderSet() = default;

Result<Decoder*> DecoderSet::decoder_for(std::span<const std::byte> bytes) {
  const Result<ImageFormat> format = detect_format(bytes);
  if (!format.ok()) return format.error();
  switch (*format) {
    case ImageFormat::kJpeg:
      if (!impl_->jpeg) impl_->jpeg = make_jpeg_decoder();
      return impl_->jpeg.get();
    case ImageFormat::kPng:
      if (!impl_->png) impl_->png = make_png_decoder();
      return impl_->png.get();
    default: return ItemError{ItemErrorCode::kUnsupportedFormat, "no decoder for " + std::string(name(*format))};
  }
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
