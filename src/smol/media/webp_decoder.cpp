#include "smol/media/webp_decoder.h"

#include <webp/decode.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "smol/base/aligned_buffer.h"
#include "smol/media/alpha.h"
#include "smol/media/exif.h"
#include "smol/media/region.h"
#include "smol/media/strip_rows.h"
#include "smol/media/webp_container.h"

namespace smol {
namespace {

// A colour sample is shared by two pixels a side, and upsampling looks at the next one: within two pixels of the edge
// of what libwebp crops to, pixels may differ from the full decode's.
constexpr int kUpsamplingMargin = 2;

const uint8_t* as_u8(Bytes bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

ItemError error_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: return {ItemErrorCode::kOutOfMemory, "no memory for the decoder of libwebp"};
    case VP8_STATUS_UNSUPPORTED_FEATURE: return {ItemErrorCode::kUnsupportedFormat, "a WebP feature of the future"};
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return {ItemErrorCode::kCorrupt, "the coded picture ends too early"};
    default: return {ItemErrorCode::kCorrupt, "the coded picture is damaged"};
  }
}

struct WebpPicture {
  WebpContainer container;
  Size canvas;
  Rect frame;  // where the bitstream's picture lies on the canvas
  bool has_alpha = false;
  bool lossless = false;
};

Result<WebpPicture> read_headers(Bytes bytes) {
  const Result<WebpContainer> container = read_webp_container(bytes);
  if (!container.ok()) return container.error();
  WebPBitstreamFeatures features;
  const Bytes bitstream = container->bitstream;
  const VP8StatusCode status = WebPGetFeatures(as_u8(bitstream), bitstream.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA && !container->whole) {
    return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
  }
  if (status != VP8_STATUS_OK) return error_of(status);

  WebpPicture picture;
  picture.container = *container;
  const Size size{features.height, features.width};
  picture.canvas = container->canvas.pixels() == 0 ? size : container->canvas;
  picture.frame = container->animated ? container->frame : Rect{0, 0, picture.canvas.height, picture.canvas.width};
  picture.has_alpha = features.has_alpha != 0;
  picture.lossless = features.format == 2;
  if (picture.frame.size() != size) {
    return ItemError{ItemErrorCode::kCorrupt, "the picture has another size than the file's header says"};
  }
  return picture;
}

Rect intersection(const Rect& a, const Rect& b) {
  const Rect both{std::max(a.top, b.top), std::max(a.left, b.left), std::min(a.bottom, b.bottom),
                  std::min(a.right, b.right)};
  return both.height() > 0 && both.width() > 0 ? both : Rect{};
}

// What to have decoded for `wanted` pixels of a picture: even edges, as libwebp snaps them, and the margin.
Rect with_margin(const Rect& wanted, Size picture) {
  const auto down = [](int edge) { return std::max((edge & ~1) - kUpsamplingMargin, 0); };
  const auto up = [](int edge, int limit) { return std::min(((edge + 1) & ~1) + kUpsamplingMargin, limit); };
  return {down(wanted.top), down(wanted.left), up(wanted.bottom, picture.height), up(wanted.right, picture.width)};
}

class WebpDecoder final : public Decoder {
 public:
  Result<ImageInfo> inspect(std::span<const std::byte> bytes) override;
  Result<std::vector<DecodeMode>> modes(std::span<const std::byte> bytes) override;
  Result<DecodedGeometry> open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                               const DecodeLimits& limits) override;
  Result<Strip> next_strip() override;

 private:
  Status decode(const WebpPicture& picture, const DecodeSpec& spec);
  void place(int row, uint8_t* rgb) const;
  const uint8_t* pixels_at(int row, int column) const;

  AlignedBuffer pixels_;  // of decoded_, channels_ a pixel, packed
  AlignedBuffer strip_;   // unused where the pixels can be shown as they lie in memory
  int channels_ = 3;
  Rect decoded_;      // on the canvas: what pixels_ hold
  Rect visible_;      // on the canvas: the part of the window that is not background
  Rect window_;       // on the canvas
  int next_row_ = 0;  // of the window
};

Result<ImageInfo> WebpDecoder::inspect(std::span<const std::byte> bytes) {
  const Result<WebpPicture> picture = read_headers(bytes);
  if (!picture.ok()) return picture.error();
  ImageInfo info;
  info.format = ImageFormat::kWebp;
  info.stored = picture->canvas;
  info.colour = picture->lossless ? ColourModel::kRgb : ColourModel::kYcbcr;
  info.subsampling = picture->lossless ? ChromaSubsampling::kNone : ChromaSubsampling::k420;
  info.has_alpha = picture->has_alpha;
  const WebpContainer& container = picture->container;
  info.orientation = read_exif(container.exif)
                         .orientation.value_or(read_xmp_orientation(container.xmp).value_or(Orientation::kUpright));
  return info;
}

Result<std::vector<DecodeMode>> WebpDecoder::modes(std::span<const std::byte> bytes) {
  const Result<WebpPicture> picture = read_headers(bytes);
  if (!picture.ok()) return picture.error();
  std::vector<DecodeMode> modes{{DecodeSpec{}, picture->canvas}};
  if (!picture->lossless) modes.push_back({DecodeSpec{.skip_filters = true}, picture->canvas});
  return modes;
}

Result<DecodedGeometry> WebpDecoder::open(std::span<const std::byte> bytes, const DecodeSpec& spec,
                                          const DecodeLimits& limits) {
  window_ = {};
  next_row_ = 0;
  const Result<WebpPicture> picture = read_headers(bytes);
  if (!picture.ok()) return picture.error();
  if (const Status status = check_pixels(picture->canvas, limits); !status.ok()) return status.error();
  const ScaledRegion region = scaled_region(picture->canvas, spec.region, 1);
  if (!picture->container.whole) {
    return ItemError{ItemErrorCode::kTruncated, "the file ends before the picture does"};
  }
  visible_ = intersection(region.output, picture->frame);
  try {
    const Size strip{std::min(kStripRows, region.output.height()), region.output.width()};
    strip_.ensure(static_cast<size_t>(strip.pixels()) * 3);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the rows of the picture"};
  }
  if (const Status status = decode(*picture, spec); !status.ok()) return status.error();
  window_ = region.output;
  return DecodedGeometry{window_.size(), region.covers, 1, picture->canvas};
}

Status WebpDecoder::decode(const WebpPicture& picture, const DecodeSpec& spec) {
  const Rect& frame = picture.frame;
  const bool all = !spec.region.has_value() || spec.read_to_end;
  if (!all && visible_ == Rect{}) return ok_status();
  const Rect wanted{visible_.top - frame.top, visible_.left - frame.left, visible_.bottom - frame.top,
                    visible_.right - frame.left};
  const Rect part = all ? Rect{0, 0, frame.height(), frame.width()} : with_margin(wanted, frame.size());
  decoded_ = {part.top + frame.top, part.left + frame.left, part.bottom + frame.top, part.right + frame.left};
  channels_ = picture.has_alpha ? 4 : 3;
  const size_t size_bytes = static_cast<size_t>(part.size().pixels()) * channels_;
  try {
    pixels_.ensure(size_bytes);
  } catch (const std::bad_alloc&) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the decoded picture"};
  }

  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return error_of(VP8_STATUS_UNSUPPORTED_FEATURE);
  config.options.bypass_filtering = spec.skip_filters ? 1 : 0;
  config.options.use_cropping = all ? 0 : 1;
  config.options.crop_left = part.left;
  config.options.crop_top = part.top;
  config.options.crop_width = part.width();
  config.options.crop_height = part.height();
  config.output.colorspace = picture.has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;  // so that nothing is left to free
  config.output.u.RGBA.rgba = reinterpret_cast<uint8_t*>(pixels_.data());
  config.output.u.RGBA.stride = part.width() * channels_;
  config.output.u.RGBA.size = size_bytes;
  const Bytes bitstream = picture.container.bitstream;
  const VP8StatusCode status = WebPDecode(as_u8(bitstream), bitstream.size(), &config);
  return status == VP8_STATUS_OK ? ok_status() : Status(error_of(status));
}

// Rows and columns of the canvas.
const uint8_t* WebpDecoder::pixels_at(int row, int column) const {
  const ptrdiff_t offset = ptrdiff_t{row - decoded_.top} * decoded_.width() + (column - decoded_.left);
  return reinterpret_cast<const uint8_t*>(pixels_.data()) + offset * channels_;
}

// A row of the window, with background where the frame does not reach.
void WebpDecoder::place(int row, uint8_t* rgb) const {
  if (visible_ != window_) std::memset(rgb, kAlphaBackground, static_cast<size_t>(window_.width()) * 3);
  if (row < visible_.top || row >= visible_.bottom) return;
  const uint8_t* pixels = pixels_at(row, visible_.left);
  uint8_t* target = rgb + ptrdiff_t{visible_.left - window_.left} * 3;
  if (channels_ == 4) return composite_over_background(pixels, visible_.width(), kAlphaBackground, target);
  std::memcpy(target, pixels, static_cast<size_t>(visible_.width()) * 3);
}

Result<Strip> WebpDecoder::next_strip() {
  const int rows = std::min(kStripRows, window_.height() - next_row_);
  if (rows == 0) return Strip{next_row_, {}};
  const int first = window_.top + next_row_;
  Strip strip{next_row_, {nullptr, {rows, window_.width()}, 3, ptrdiff_t{window_.width()} * 3}};
  if (channels_ == 3 && visible_ == window_) {
    strip.rgb.data = pixels_at(first, window_.left);
    strip.rgb.stride_bytes = ptrdiff_t{decoded_.width()} * 3;
  } else {
    auto* rgb = reinterpret_cast<uint8_t*>(strip_.data());
    for (int y = 0; y < rows; ++y) place(first + y, rgb + y * strip.rgb.stride_bytes);
    strip.rgb.data = rgb;
  }
  next_row_ += rows;
  return strip;
}

}  // namespace

std::unique_ptr<Decoder> make_webp_decoder() { return std::make_unique<WebpDecoder>(); }

}  // namespace smol
