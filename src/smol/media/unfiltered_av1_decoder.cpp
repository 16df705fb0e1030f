#include <dav1d/dav1d.h>

#include <cstring>

#include "smol/media/frame_decoder.h"

namespace smol {
namespace {

AVPixelFormat pixel_format(const Dav1dPicture& picture) {
  constexpr AVPixelFormat kFormats[4][3] = {{AV_PIX_FMT_GRAY8, AV_PIX_FMT_GRAY10, AV_PIX_FMT_GRAY12},
                                            {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV420P12},
                                            {AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV422P12},
                                            {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV444P10, AV_PIX_FMT_YUV444P12}};
  constexpr AVPixelFormat kRgb[3] = {AV_PIX_FMT_GBRP, AV_PIX_FMT_GBRP10, AV_PIX_FMT_GBRP12};
  const auto depth = static_cast<size_t>(picture.p.bpc - 8) / 2;
  const bool is_rgb = picture.p.layout == DAV1D_PIXEL_LAYOUT_I444 && picture.seq_hdr->mtrx == DAV1D_MC_IDENTITY;
  return is_rgb ? kRgb[depth] : kFormats[picture.p.layout][depth];
}

class UnfilteredAv1Decoder final : public FrameDecoder {
 public:
  explicit UnfilteredAv1Decoder(Dav1dContext* context) : context_(context) {}
  ~UnfilteredAv1Decoder() override {
    dav1d_data_unref(&data_);
    dav1d_picture_unref(&picture_);
    dav1d_close(&context_);
  }
  UnfilteredAv1Decoder(const UnfilteredAv1Decoder&) = delete;
  UnfilteredAv1Decoder& operator=(const UnfilteredAv1Decoder&) = delete;

  int send(AVPacket* packet, bool /*is_wanted*/) override {
    is_draining_ = packet == nullptr;
    if (is_draining_) return 0;
    uint8_t* bytes = dav1d_data_create(&data_, static_cast<size_t>(packet->size));
    if (bytes == nullptr) return AVERROR(ENOMEM);
    std::memcpy(bytes, packet->data, static_cast<size_t>(packet->size));
    data_.m.timestamp = packet->pts;
    return 0;
  }

  int receive(AVFrame& frame) override {
    av_frame_unref(&frame);
    dav1d_picture_unref(&picture_);
    while (true) {
      const int sent = data_.sz > 0 ? dav1d_send_data(context_, &data_) : 0;
      const int got = dav1d_get_picture(context_, &picture_);
      if (got == 0) break;
      const bool is_stuck = sent != 0 && got == DAV1D_ERR(EAGAIN);
      if (is_stuck || (sent != 0 && sent != DAV1D_ERR(EAGAIN)) || got != DAV1D_ERR(EAGAIN)) {
        dav1d_data_unref(&data_);
        return AVERROR_INVALIDDATA;
      }
      if (data_.sz == 0) return is_draining_ ? AVERROR_EOF : AVERROR(EAGAIN);
    }
    describe(frame);
    return 0;
  }

  void flush() override {
    dav1d_data_unref(&data_);
    dav1d_flush(context_);
    is_draining_ = false;
  }

 private:
  // As FFmpeg's wrapper of dav1d does it, without a copy.
  void describe(AVFrame& frame) const {
    frame.width = picture_.p.w;
    frame.height = picture_.p.h;
    frame.format = pixel_format(picture_);
    frame.color_range = picture_.seq_hdr->color_range != 0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    frame.colorspace = static_cast<AVColorSpace>(picture_.seq_hdr->mtrx);
    frame.pts = frame.best_effort_timestamp = picture_.m.timestamp;
    for (int plane = 0; plane < 3; ++plane) {
      frame.data[plane] = static_cast<uint8_t*>(picture_.data[plane]);
      frame.linesize[plane] = static_cast<int>(picture_.stride[plane == 0 ? 0 : 1]);
    }
  }

  Dav1dContext* context_;
  Dav1dData data_{};
  Dav1dPicture picture_{};
  bool is_draining_ = false;
};

}  // namespace

Result<std::unique_ptr<FrameDecoder>> make_unfiltered_av1_decoder(const DecodeLimits& limits) {
  Dav1dSettings settings;
  dav1d_default_settings(&settings);
  settings.n_threads = 1;
  settings.max_frame_delay = 1;
  settings.all_layers = 0;
  settings.inloop_filters = DAV1D_INLOOPFILTER_NONE;
  settings.frame_size_limit = static_cast<unsigned>(std::min<int64_t>(limits.max_pixels, UINT32_MAX));
  settings.logger = {nullptr, [](void*, const char*, va_list) {}};
  Dav1dContext* context = nullptr;
  if (dav1d_open(&context, &settings) != 0) return ItemError{ItemErrorCode::kOutOfMemory, "no memory for dav1d"};
  return std::unique_ptr<FrameDecoder>(std::make_unique<UnfilteredAv1Decoder>(context));
}

}  // namespace smol
