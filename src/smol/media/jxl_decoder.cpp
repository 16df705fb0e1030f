#include "smol/media/jxl_decoder.h"

#include <jxl/decode_cxx.h>

#include <algorithm>
#include <limits>
#include <new>

#include "smol/base/aligned_buffer.h"
#include "smol/media/alpha.h"
#include "smol/media/bytes.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"

namespace smol {
namespace {

// Each costs the library a plane of its own; depth, masks and spot colours are a handful.
constexpr uint32_t kMaxExtraChannels = 8;

ItemError corrupt() { return {ItemErrorCode::kCorrupt, "the picture is damaged"}; }
ItemError truncated() { return {ItemErrorCode::kTruncated, "the file ends before the picture does"}; }

struct JxlHeader {
  Size size;
  JxlBasicInfo info;
};

// Runs the decoder up to `event`. Without that, an error.
Status run_to(JxlDecoder* decoder, JxlDecoderStatus event) {
  const JxlDecoderStatus status = JxlDecoderProcessInput(decoder);
  if (status == event) return ok_status();
  return status == JXL_DEC_NEED_MORE_INPUT ? truncated() : corrupt();
}

// A black channel makes the others ink.
bool has_black_channel(const JxlDecoder* decoder, uint32_t channels) {
  for (uint32_t i = 0; i < channels; ++i) {
    JxlExtraChannelInfo channel;
    if (JxlDecoderGetExtraChannelInfo(decoder, i, &channel) == JXL_DEC_SUCCESS && channel.type == JXL_CHANNEL_BLACK) {
      return true;
    }
  }
  return false;
}

// A new run of `decoder` over `bytes`, up to and with the header.
Result<JxlHeader> start(JxlDecoder* decoder, Bytes bytes, int events) {
  const auto succeeded = [](JxlDecoderStatus status) { return status == JXL_DEC_SUCCESS; };
  JxlDecoderReset(decoder);
  if (!succeeded(JxlDecoderSubscribeEvents(decoder, JXL_DEC_BASIC_INFO | events)) ||
      !succeeded(JxlDecoderSetKeepOrientation(decoder, JXL_TRUE)) ||
      !succeeded(JxlDecoderSetUnpremultiplyAlpha(decoder, JXL_TRUE)) ||
      !succeeded(JxlDecoderSetInput(decoder, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()))) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoder of libjxl"};
  }
  if (const Status status = run_to(decoder, JXL_DEC_BASIC_INFO); !status.ok()) return status.error();
  JxlHeader header;
  if (!succeeded(JxlDecoderGetBasicInfo(decoder, &header.info))) return corrupt();
  const JxlBasicInfo& info = header.info;
  constexpr auto kMaxSide = static_cast<uint32_t>(std::numeric_limits<int>::max());
  if (info.xsize > kMaxSide || info.ysize > kMaxSide) {
    return ItemError{ItemErrorCode::kTooManyPixels, "a side of two thousand million pixels"};
  }
  header.size = {static_cast<int>(info.ysize), static_cast<int>(info.xsize)};
  if (header.size.pixels() == 0) return corrupt();
  if (info.num_extra_channels > kMaxExtraChannels || has_black_channel(decoder, info.num_extra_channels)) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "CMYK, or more than 8 channels beside the colours"};
  }
  return header;
}

class JxlImageDecoder final : public Decoder {
 public:
  JxlImageDecoder() : decoder_(JxlDecoderMake(nullptr)) {
    if (!decoder_) throw std::bad_alloc();
  }
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  Status decode(const JxlHeader& header);

  JxlDecoderPtr decoder_;
  AlignedBuffer pixels_;  // of the whole picture, channels_ a pixel, packed
  AlignedBuffer strip_;   // unused without alpha: the pixels are shown as they lie in memory
  uint32_t channels_ = 3;
  int width_ = 0;  // of the picture
  Rect window_;
  int next_row_ = 0;  // of the window
};

Result<ImageInfo> JxlImageDecoder::inspect(std::span<const std::byte> bytes) {
  // The decoder may be between two strips, but then its pixels are here already.
  const Result<JxlHeader> header = start(decoder_.get(), bytes, 0);
  JxlDecoderReset(decoder_.get());
  if (!header.ok()) return header.error();
  ImageInfo info;
  info.format = ImageFormat::kJpegXl;
  info.stored = header->size;
  info.orientation = static_cast<Orientation>(header->info.orientation);
  info.colour = header->info.num_color_channels == 1 ? ColourModel::kGrey : ColourModel::kRgb;
  info.bits_per_sample = static_cast<int>(header->info.bits_per_sample);
  info.has_alpha = header->info.alpha_bits > 0;
  return info;
}

Result<DecodedGeometry> JxlImageDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                              const DecodeLimits& limits) {
  window_ = {};
  next_row_ = 0;
  const Result<JxlHeader> header = start(decoder_.get(), bytes, JXL_DEC_FULL_IMAGE);
  if (!header.ok()) return header.error();
  if (const Status status = check_pixels(header->size, limits); !status.ok()) return status.error();
  const ScaledRegion region = scaled_region(header->size, spec.region, 1);
  const Status status = decode(*header);
  JxlDecoderReset(decoder_.get());  // its memory, and its view of the bytes
  if (!status.ok()) return status.error();
  window_ = region.output;
  return DecodedGeometry{window_.size(), region.covers, 1, header->size};
}

Status JxlImageDecoder::decode(const JxlHeader& header) {
  width_ = header.size.width;
  channels_ = header.info.alpha_bits > 0 ? 4 : 3;
  const size_t size_bytes = static_cast<size_t>(header.size.pixels()) * channels_;
  try {
    pixels_.ensure(size_bytes);
    strip_.ensure(channels_ == 4 ? static_cast<size_t>(width_) * 3 * kStripRows : 0);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoded picture"};
  }
  if (const Status status = run_to(decoder_.get(), JXL_DEC_NEED_IMAGE_OUT_BUFFER); !status.ok()) return status;
  const JxlPixelFormat format{channels_, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  size_t needed = 0;
  if (JxlDecoderImageOutBufferSize(decoder_.get(), &format, &needed) != JXL_DEC_SUCCESS || needed != size_bytes ||
      JxlDecoderSetImageOutBuffer(decoder_.get(), &format, pixels_.data(), size_bytes) != JXL_DEC_SUCCESS) {
    return corrupt();
  }
  return run_to(decoder_.get(), JXL_DEC_FULL_IMAGE);
}

Result<Strip> JxlImageDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  const ptrdiff_t stride = ptrdiff_t{width_} * channels_;
  const uint8_t* pixels = reinterpret_cast<const uint8_t*>(pixels_.data()) +
                          ptrdiff_t{window_.top + next_row_} * stride + ptrdiff_t{window_.left} * channels_;
  Strip strip{next_row_, {pixels, {rows, window_.width()}, 3, stride}};
  if (channels_ == 4) {
    auto* rgb = reinterpret_cast<uint8_t*>(strip_.data());
    strip.rgb.data = rgb;
    strip.rgb.stride_bytes = ptrdiff_t{window_.width()} * 3;
    for (int y = 0; y < rows; ++y) {
      composite_over_background(pixels + y * stride, window_.width(), kAlphaBackground,
                                rgb + y * strip.rgb.stride_bytes);
    }
  }
  next_row_ += rows;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_jxl_decoder() { return std::make_unique<JxlImageDecoder>(); }

}  // namespace smol
