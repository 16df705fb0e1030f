#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "smol/media/av_handles.h"
#include "smol/media/heif_plugins.h"

namespace smol {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr uint8_t kStartCode[] = {0, 0, 0, 1};

constexpr heif_error kOk{heif_error_Ok, heif_suberror_Unspecified, "ok"};
constexpr heif_error kNoMemory{heif_error_Memory_allocation_error, heif_suberror_Unspecified, "no memory for HEVC"};
constexpr heif_error kDamaged{heif_error_Decoder_plugin_error, heif_suberror_Unspecified,
                              "the coded picture is damaged"};
constexpr heif_error kShort{heif_error_Decoder_plugin_error, heif_suberror_End_of_data,
                            "the coded picture ends too early"};
constexpr heif_error kUnsupported{heif_error_Unsupported_feature, heif_suberror_Unsupported_codec,
                                  "a variant of HEVC without a decoder"};

struct HevcDecoder {
  std::vector<uint8_t> units;  // with start codes
  bool is_short = false;
};

// Lengths before the units become start codes.
heif_error push_data(void* decoder, const void* data, size_t size) try {
  auto& hevc = *static_cast<HevcDecoder*>(decoder);
  const auto* bytes = static_cast<const uint8_t*>(data);
  while (size > 0) {
    if (size < kLengthBytes) {
      hevc.is_short = true;
      return kOk;
    }
    size_t length = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | bytes[i];
    bytes += kLengthBytes;
    size -= kLengthBytes;
    if (length > size) {
      hevc.is_short = true;
      length = size;
    }
    hevc.units.insert(hevc.units.end(), std::begin(kStartCode), std::end(kStartCode));
    hevc.units.insert(hevc.units.end(), bytes, bytes + length);
    bytes += length;
    size -= length;
  }
  return kOk;
} catch (const std::bad_alloc&) {
  return kNoMemory;
}

// Null: not planar YCbCr or grey of 8 to 12 bit.
const AVPixFmtDescriptor* described(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool is_planar = format != nullptr && (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) == 0 &&
                         (format->nb_components == 1 || (format->flags & AV_PIX_FMT_FLAG_PLANAR) != 0);
  return is_planar && format->comp[0].depth <= 12 ? format : nullptr;
}

using HeifImagePointer = std::unique_ptr<heif_image, void (*)(const heif_image*)>;

heif_error copy_picture(const AVFrame& frame, heif_image** out) {
  const AVPixFmtDescriptor* format = described(frame);
  if (format == nullptr) return kUnsupported;
  const bool is_grey = format->nb_components == 1;
  const heif_chroma chroma = is_grey                      ? heif_chroma_monochrome
                             : format->log2_chroma_h == 1 ? heif_chroma_420
                             : format->log2_chroma_w == 1 ? heif_chroma_422
                                                          : heif_chroma_444;
  heif_image* picture = nullptr;
  const heif_error made = heif_image_create(
      frame.width, frame.height, is_grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr, chroma, &picture);
  if (made.code != heif_error_Ok) return made;
  HeifImagePointer owner(picture, heif_image_release);
  constexpr heif_channel kChannels[] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
  for (int plane = 0; plane < (is_grey ? 1 : 3); ++plane) {
    const int width = plane == 0 ? frame.width : AV_CEIL_RSHIFT(frame.width, format->log2_chroma_w);
    const int height = plane == 0 ? frame.height : AV_CEIL_RSHIFT(frame.height, format->log2_chroma_h);
    const int depth = format->comp[plane].depth;
    const heif_error added = heif_image_add_plane(picture, kChannels[plane], width, height, depth);
    if (added.code != heif_error_Ok) return added;
    int stride = 0;
    uint8_t* target = heif_image_get_plane(picture, kChannels[plane], &stride);
    const size_t row_bytes = static_cast<size_t>(width) * (depth > 8 ? 2 : 1);
    for (int y = 0; y < height; ++y) {
      std::memcpy(target + ptrdiff_t{y} * stride, frame.data[plane] + ptrdiff_t{y} * frame.linesize[plane],
                  row_bytes);
    }
  }
  *out = owner.release();
  return kOk;
}

// Without a copy, if that is what the thread wants. libheif does not ask an HEVC bitstream for its colours.
bool is_intercepted(const std::shared_ptr<AVFrame>& frame) {
  CodedPicture picture{{frame->height, frame->width}, {}, frame};
  switch (frame->format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUV420P: picture.planes.layout.chroma_shift_y = 1; [[fallthrough]];
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUV422P: picture.planes.layout.chroma_shift_x = 1; break;
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUV444P: break;
    default: return false;
  }
  for (int plane = 0; plane < 3; ++plane) {
    picture.planes.data[plane] = frame->data[plane];
    picture.planes.stride_bytes[plane] = frame->linesize[plane];
  }
  return offer_coded_picture(std::move(picture), std::nullopt);
}

heif_error decode_picture(void* decoder, heif_image** out) try {
  auto& hevc = *static_cast<HevcDecoder*>(decoder);
  if (hevc.is_short || hevc.units.empty()) return kShort;
  // Made anew for each picture: parameter sets of the last one must not serve this one.
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_HEVC);
  const AvPointer<AVCodecContext> context(avcodec_alloc_context3(codec));
  const AvPointer<AVPacket> packet(av_packet_alloc());
  const std::shared_ptr<AVFrame> frame(av_frame_alloc(), AvDeleter());
  if (codec == nullptr || !context || !packet || !frame) return kNoMemory;
  context->thread_count = 1;
  context->err_recognition = AV_EF_EXPLODE;
  context->skip_loop_filter = skips_heif_filters() ? AVDISCARD_ALL : AVDISCARD_DEFAULT;
  context->max_pixels = most_heif_pixels();
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return kUnsupported;
  if (av_new_packet(packet.get(), static_cast<int>(hevc.units.size())) < 0) return kNoMemory;
  std::copy(hevc.units.begin(), hevc.units.end(), packet->data);
  if (avcodec_send_packet(context.get(), packet.get()) < 0) {
    const int64_t pixels = int64_t{context->coded_width} * context->coded_height;  // known before they get memory
    return pixels > most_heif_pixels() ? kTooManyCodedPixels : kDamaged;
  }
  avcodec_send_packet(context.get(), nullptr);
  if (avcodec_receive_frame(context.get(), frame.get()) < 0) return kDamaged;
  if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) return kDamaged;
  if (is_intercepted(frame)) return kIntercepted;
  return copy_picture(*frame, out);
} catch (const std::bad_alloc&) {
  return kNoMemory;
}

heif_error new_decoder(void** decoder) {
  *decoder = new (std::nothrow) HevcDecoder;
  return *decoder == nullptr ? kNoMemory : kOk;
}

}  // namespace

const heif_decoder_plugin kHevcPlugin = {
    .plugin_api_version = 3,
    .get_plugin_name = [] { return "FFmpeg HEVC"; },
    .init_plugin = nullptr,
    .deinit_plugin = nullptr,
    .does_support_format =
        [](heif_compression_format format) { return format == heif_compression_HEVC ? heif_plugin_priority() : 0; },
    .new_decoder = new_decoder,
    .free_decoder = [](void* decoder) { delete static_cast<HevcDecoder*>(decoder); },
    .push_data = push_data,
    .decode_image = decode_picture,
    .set_strict_decoding = [](void*, int) {},
    .id_name = "ffmpeg-hevc",
};

}  // namespace smol
