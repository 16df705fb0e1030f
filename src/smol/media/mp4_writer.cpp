#include "smol/media/mp4_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include "smol/base/error.h"
#include "smol/base/file_system.h"

namespace smol {
namespace {

constexpr int kGroupFrames = 60;

ItemError refused(const std::string& what, int error) {
  return {error == AVERROR(ENOMEM) ? ItemErrorCode::kOutOfMemory : ItemErrorCode::kUnsupportedFormat,
          what + ": " + av_error_text(error)};
}

// The nearest even number that is not more than the source has, as 4:2:0 needs it.
int even(double side, int source) { return std::max(2, std::min(static_cast<int>(side / 2 + 0.5), source / 2) * 2); }

bool is_rgb(int format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return description != nullptr && (description->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

bool has_full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P: return true;
    default: return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

}  // namespace

Size stored_size(Size size, int short_side) {
  const int side = short_side == 0 ? size.short_side() : std::min(short_side, size.short_side());
  const double scale = static_cast<double>(side) / size.short_side();
  return {even(size.height * scale, size.height), even(size.width * scale, size.width)};
}

void Mp4Writer::CloseFile::operator()(AVFormatContext* format) const {
  avio_closep(&format->pb);
  avformat_free_context(format);
}

Result<Mp4Writer> Mp4Writer::create(const std::string& path, const StoredVideo& stored, const AVStream& source,
                                    const AVFrame& first) {
  Mp4Writer writer(path);
  if (!writer.packet_ || !writer.scaled_) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to write a video"};
  if (const Status status = writer.open_encoder(stored, source, first); !status.ok()) return status.error();
  if (const Status status = writer.open_file(source); !status.ok()) return status.error();
  return writer;
}

Status Mp4Writer::open_encoder(const StoredVideo& stored, const AVStream& source, const AVFrame& first) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr)
    throw Error(ErrorCode::kFailed, "format=mp4 needs an FFmpeg with x264, as Debian's libavcodec59 is");
  encoder_.reset(avcodec_alloc_context3(codec));
  if (!encoder_) return ItemError{ItemErrorCode::kOutOfMemory, "no memory for x264"};
  if (sws_isSupportedInput(static_cast<AVPixelFormat>(first.format)) == 0)
    return ItemError{ItemErrorCode::kUnsupportedFormat, "libswscale does not read the pixel format of the frames"};
  const Size size = stored_size({first.height, first.width}, stored.short_side);
  encoder_->width = size.width;
  encoder_->height = size.height;
  encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder_->time_base = source.time_base;
  encoder_->framerate = source.avg_frame_rate;  // for the level; times are the frames' own
  encoder_->sample_aspect_ratio =
      first.sample_aspect_ratio.num != 0 ? first.sample_aspect_ratio : source.sample_aspect_ratio;
  encoder_->color_range = has_full_range(first) ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  encoder_->colorspace = is_rgb(first.format) ? AVCOL_SPC_SMPTE170M : first.colorspace;
  encoder_->color_primaries = first.color_primaries;
  encoder_->color_trc = first.color_trc;
  encoder_->gop_size = kGroupFrames;
  encoder_->thread_count = 1;
  encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  av_opt_set(encoder_->priv_data, "preset", "medium", 0);
  av_opt_set(encoder_->priv_data, "crf", std::to_string(stored.crf).c_str(), 0);
  if (const int opened = avcodec_open2(encoder_.get(), codec, nullptr); opened < 0) {
    return ItemError{ItemErrorCode::kUnsupportedFormat,
                     "x264 does not encode frames of " + std::to_string(size.width) + "x" +
                         std::to_string(size.height) + ": " + av_error_text(opened)};
  }
  return ok_status();
}

void Mp4Writer::fail(int error) const {
  throw FileError("cannot write " + path_ + ": " + av_error_text(error), AVUNERROR(error));
}

ItemError Mp4Writer::refusal(int error) const {
  if (file_->pb->error < 0) fail(file_->pb->error);
  return refused("MP4 cannot hold the video", error);
}

Status Mp4Writer::open_file(const AVStream& source) {
  const std::string url = "file:" + path_;
  AVFormatContext* format = nullptr;
  if (const int made = avformat_alloc_output_context2(&format, nullptr, "mp4", url.c_str()); made < 0) {
    throw Error(ErrorCode::kFailed, "FFmpeg cannot write MP4: " + av_error_text(made));
  }
  file_.reset(format);
  format->flags |= AVFMT_FLAG_BITEXACT;
  AVStream* stream = avformat_new_stream(format, nullptr);
  if (stream == nullptr) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to write a video"};
  stream->time_base = encoder_->time_base;
  stream->avg_frame_rate = source.avg_frame_rate;
  stream->sample_aspect_ratio = encoder_->sample_aspect_ratio;
  avcodec_parameters_from_context(stream->codecpar, encoder_.get());
  size_t bytes = 0;
  if (const uint8_t* matrix = av_stream_get_side_data(&source, AV_PKT_DATA_DISPLAYMATRIX, &bytes)) {
    uint8_t* copy = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, bytes);
    if (copy == nullptr) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to write a video"};
    std::memcpy(copy, matrix, bytes);
  }
  if (const int opened = avio_open(&format->pb, url.c_str(), AVIO_FLAG_WRITE); opened < 0) fail(opened);
  // When the first frame is shown is written in units of the movie: by default whole milliseconds.
  AVDictionary* options = nullptr;
  av_dict_set_int(&options, "movie_timescale", encoder_->time_base.den, 0);
  const int begun = avformat_write_header(format, &options);
  av_dict_free(&options);
  return begun < 0 ? Status(refusal(begun)) : ok_status();
}

Status Mp4Writer::scale(const AVFrame& frame) {
  scaler_.reset(sws_getCachedContext(scaler_.release(), frame.width, frame.height,
                                     static_cast<AVPixelFormat>(frame.format), encoder_->width, encoder_->height,
                                     AV_PIX_FMT_YUV420P, SWS_BICUBIC | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  if (!scaler_) return ItemError{ItemErrorCode::kUnsupportedFormat, "libswscale cannot scale the frames"};
  const int* matrix = sws_getCoefficients(SWS_CS_ITU601);  // the same on both sides: counts for RGB only
  constexpr int kNeutral = 1 << 16;                        // contrast and saturation
  sws_setColorspaceDetails(scaler_.get(), matrix, has_full_range(frame) || is_rgb(frame.format), matrix,
                           encoder_->color_range == AVCOL_RANGE_JPEG, 0, kNeutral, kNeutral);
  av_frame_unref(scaled_.get());  // x264 may still hold the last one
  scaled_->width = encoder_->width;
  scaled_->height = encoder_->height;
  scaled_->format = AV_PIX_FMT_YUV420P;
  if (const int got = av_frame_get_buffer(scaled_.get(), 0); got < 0) return refused("no room for a frame", got);
  sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, scaled_->data, scaled_->linesize);
  return ok_status();
}

Status Mp4Writer::write(const AVFrame& frame, int64_t pts) {
  // FFmpeg would write another time.
  if (last_pts_ && av_rescale_q(pts - *last_pts_, encoder_->time_base, file_->streams[0]->time_base) > INT32_MAX) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "MP4 cannot hold a pause as long as one between two frames"};
  }
  last_pts_ = pts;
  if (const Status status = scale(frame); !status.ok()) return status;
  scaled_->pts = pts;
  if (const int sent = avcodec_send_frame(encoder_.get(), scaled_.get()); sent < 0)
    return refused("x264 fails", sent);
  return write_packets();
}

Status Mp4Writer::write_packets() {
  while (true) {
    const int got = avcodec_receive_packet(encoder_.get(), packet_.get());
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return ok_status();
    if (got < 0) return refused("x264 fails", got);
    packet_->stream_index = 0;
    av_packet_rescale_ts(packet_.get(), encoder_->time_base, file_->streams[0]->time_base);
    if (const int written = av_write_frame(file_.get(), packet_.get()); written < 0) {
      return refusal(written);
    }
  }
}

Status Mp4Writer::finish() {
  if (const int sent = avcodec_send_frame(encoder_.get(), nullptr); sent < 0) return refused("x264 fails", sent);
  if (const Status status = write_packets(); !status.ok()) return status;
  if (const int ended = av_write_trailer(file_.get()); ended < 0) return refusal(ended);
  avio_flush(file_->pb);
  if (file_->pb->error < 0) fail(file_->pb->error);
  return ok_status();
}

}  // namespace smol
