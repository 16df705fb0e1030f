#include "smol/media/decoder.h"

#include <array>
#include <cstring>

#include "smol/media/jpeg_decoder.h"
#include "smol/media/png_decoder.h"

namespace smol {
namespace {

std::unique_ptr<Decoder> make_decoder(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg: return make_jpeg_decoder();
    case ImageFormat::kPng: return make_png_decoder();
    default: return nullptr;
  }
}

constexpr size_t kFormats = static_cast<size_t>(ImageFormat::kPnm) + 1;

}  // namespace

struct DecoderSet::Impl {
  std::array<std::unique_ptr<Decoder>, kFormats> decoders;
};

DecoderSet::DecoderSet() : impl_(std::make_unique<Impl>()) {}
DecoderSet::~DecoderSet() = default;

Result<Decoder*> DecoderSet::decoder_for(std::span<const std::byte> bytes) {
  if (bytes.empty()) return ItemError{ItemErrorCode::kEmptyFile, "the file is empty"};
  const Result<ImageFormat> format = detect_format(bytes);
  if (!format) return format.error();
  std::unique_ptr<Decoder>& decoder = impl_->decoders[static_cast<size_t>(*format)];
  if (!decoder) decoder = make_decoder(*format);
  if (!decoder) return ItemError{ItemErrorCode::kUnsupportedFormat, "no decoder for " + std::string(name(*format))};
  return decoder.get();
}

Result<DecodedGeometry> decode_image(Decoder& decoder, std::span<const std::byte> bytes, const DecodeSpec& spec,
                                     const DecodeLimits& limits, Image& out) {
  const Result<DecodedGeometry> geometry = decoder.open(bytes, spec, limits);
  if (!geometry) return geometry;
  out.resize(geometry->size, 3);
  const ImageView pixels = out.view();
  while (true) {
    const Result<Strip> strip = decoder.next_strip();
    if (!strip) return strip.error();
    const int rows = strip->rgb.size.height;
    if (rows == 0) return geometry;
    for (int y = 0; y < rows; ++y) {
      std::memcpy(pixels.row(strip->first_row + y), strip->rgb.row(y), static_cast<size_t>(geometry->size.width) * 3);
    }
  }
}

}  // namespace smol
