#include "smol/media/frame_decoder.h"

#include <algorithm>
#include <bit>

#include "smol/media/vp9_headers.h"

namespace smol {
namespace {

// Whose in-loop filters can be left out: by FFmpeg, by the headers of their frames (VP9), by dav1d (AV1).
bool has_optional_filters(AVCodecID codec) {
  return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC || codec == AV_CODEC_ID_VP8 ||
         codec == AV_CODEC_ID_VP9 || codec == AV_CODEC_ID_AV1;
}

// Half the size each time: of codecs that transform blocks of 8x8 and let FFmpeg transform to fewer pixels.
int most_halvings(AVCodecID id) {
  const AVCodec* codec = avcodec_find_decoder(id);
  return codec == nullptr ? 0 : codec->max_lowres;
}

class FfmpegDecoder final : public FrameDecoder {
 public:
  FfmpegDecoder(AvPointer<AVCodecContext> context, const DecodeSpec& spec)
      : context_(std::move(context)),
        skips_filters_(spec.skip_filters),
        keeps_in_references_(spec.keep_reference_filters) {
    if (skips_filters_) context_->skip_loop_filter = keeps_in_references_ ? AVDISCARD_NONREF : AVDISCARD_ALL;
  }

  int send(AVPacket* packet, bool is_wanted) override {
    context_->skip_frame = is_wanted ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    if (packet != nullptr && skips_filters_ && context_->codec_id == AV_CODEC_ID_VP9) {
      if (const int owned = av_packet_make_writable(packet); owned < 0) return owned;
      switch_off_vp9_filter({packet->data, static_cast<size_t>(packet->size)}, keeps_in_references_);
    }
    return avcodec_send_packet(context_.get(), packet);
  }

  int receive(AVFrame& frame) override {
    const int got = avcodec_receive_frame(context_.get(), &frame);
    // Flagged for H.264: not a whole picture since a recovery point was shown. The index knows better where to start.
    if (got == 0 && context_->codec_id == AV_CODEC_ID_H264) frame.flags &= ~AV_FRAME_FLAG_CORRUPT;
    return got;
  }

  void flush() override { avcodec_flush_buffers(context_.get()); }
  int scale_denominator() const override { return 1 << context_->lowres; }

 private:
  AvPointer<AVCodecContext> context_;
  bool skips_filters_;
  bool keeps_in_references_;
};

}  // namespace

Result<std::unique_ptr<FrameDecoder>> make_frame_decoder(const VideoFile& file, const DecodeSpec& spec,
                                                         const DecodeLimits& limits) {
  const AVCodecID codec = file.stream().codecpar->codec_id;
  if (codec == AV_CODEC_ID_AV1 && spec.skip_filters && !spec.keep_reference_filters) {
    return make_unfiltered_av1_decoder(limits);
  }
  const int halvings = std::countr_zero(static_cast<unsigned>(spec.scale_denominator));
  Result<AvPointer<AVCodecContext>> context = file.open_decoder(limits, std::min(halvings, most_halvings(codec)));
  if (!context.ok()) return context.error();
  return std::unique_ptr<FrameDecoder>(std::make_unique<FfmpegDecoder>(std::move(*context), spec));
}

std::vector<DecodeMode> decode_modes(const VideoFile& file) {
  const AVCodecParameters& parameters = *file.stream().codecpar;
  const Size full{parameters.height, parameters.width};
  std::vector<DecodeMode> modes = {{DecodeSpec{}, full}};
  if (has_optional_filters(parameters.codec_id)) {
    if (parameters.codec_id != AV_CODEC_ID_AV1) {
      modes.push_back({{.skip_filters = true, .keep_reference_filters = true}, full});
    }
    modes.push_back({{.skip_filters = true}, full});
  }
  for (int halvings = 1; halvings <= most_halvings(parameters.codec_id); ++halvings) {
    modes.push_back({{.scale_denominator = 1 << halvings},
                     {AV_CEIL_RSHIFT(full.height, halvings), AV_CEIL_RSHIFT(full.width, halvings)}});
  }
  return modes;
}

}  // namespace smol
