#include "smol/media/video_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <mutex>

#include "smol/media/nal_units.h"

extern "C" {
#include <libavutil/display.h>
}

namespace smol {
namespace {

// What people store videos in. Anything that opens further files or addresses (playlists, concat, devices) is not
// here.
constexpr char kContainers[] =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ivf,flv,asf,ogg,mjpeg,m4v,obu";
constexpr char kCodecs[] =
    "h264,hevc,vp8,vp9,av1,libdav1d,mpeg4,mjpeg,mpeg1video,mpeg2video,msmpeg4v1,msmpeg4v2,msmpeg4,h263,flv,wmv1,wmv2,"
    "wmv3,vc1,theora,prores,dnxhd,ffv1,rawvideo,huffyuv";

void quiet_once() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

Status check_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    const auto code = errno == EACCES ? ItemErrorCode::kPermissionDenied : ItemErrorCode::kNotFound;
    return ItemError{code, std::strerror(errno)};
  }
  if (!S_ISREG(status.st_mode)) return ItemError{ItemErrorCode::kNotAFile, "not a regular file"};
  if (status.st_size == 0) return ItemError{ItemErrorCode::kEmptyFile, "the file has no bytes"};
  return ok_status();
}

ItemError open_error(int error) {
  switch (error) {
    case AVERROR(EACCES): return {ItemErrorCode::kPermissionDenied, "permission denied"};
    case AVERROR(ENOENT): return {ItemErrorCode::kNotFound, "no such file"};
    case AVERROR(EIO): return {ItemErrorCode::kReadFailed, "cannot read the video: " + av_error_text(error)};
    case AVERROR(ENOMEM): return {ItemErrorCode::kOutOfMemory, "no memory to open the video"};
    default: return {ItemErrorCode::kCorrupt, "cannot open the video: " + av_error_text(error)};
  }
}

// Quarter turns only: others (which no camera writes) are shown as stored.
Orientation orientation_of(const AVStream& stream) {
  const uint8_t* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (matrix == nullptr) return Orientation::kUpright;
  const double turn = av_display_rotation_get(reinterpret_cast<const int32_t*>(matrix));  // counter-clockwise
  if (std::isnan(turn)) return Orientation::kUpright;
  switch ((static_cast<int>(std::lround(turn / 90)) % 4 + 4) % 4) {
    case 1: return Orientation::kRotate90CounterClockwise;
    case 2: return Orientation::kRotate180;
    case 3: return Orientation::kRotate90Clockwise;
    default: return Orientation::kUpright;
  }
}

std::span<const uint8_t> bytes_of(const AVPacket& packet) { return {packet.data, static_cast<size_t>(packet.size)}; }

std::span<const uint8_t> extradata_of(const AVCodecParameters& parameters) {
  return {parameters.extradata, static_cast<size_t>(parameters.extradata_size)};
}

double as_double(AVRational ratio) { return ratio.den == 0 ? 0 : av_q2d(ratio); }

}  // namespace

Result<VideoFile> VideoFile::open(const std::string& path, const DecodeLimits& limits) {
  quiet_once();
  if (const Status status = check_file(path); !status.ok()) return status.error();
  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to open the video"};
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kContainers, 0);
  av_dict_set(&options, "codec_whitelist", kCodecs, 0);
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "enable_drefs", "0", 0);
  const int opened = avformat_open_input(&format, ("file:" + path).c_str(), nullptr, &options);  // frees on failure
  av_dict_free(&options);
  if (opened < 0) return open_error(opened);

  VideoFile file;
  file.format_.reset(format);
  if (const int found = avformat_find_stream_info(format, nullptr); found < 0) return open_error(found);
  file.stream_index_ = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (file.stream_index_ < 0 || (file.stream().disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
    return ItemError{ItemErrorCode::kUnsupportedFormat, "the file has no video stream that smol can decode"};
  }
  const AVCodecParameters& parameters = *file.stream().codecpar;
  if (parameters.width <= 0 || parameters.height <= 0) {
    return ItemError{ItemErrorCode::kCorrupt, "the video stream has no frame size"};
  }
  if (int64_t{parameters.width} * parameters.height > limits.max_pixels) {
    return ItemError{ItemErrorCode::kTooManyPixels,
                     "a frame has more pixels than the limit of " + std::to_string(limits.max_pixels)};
  }
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    if (static_cast<int>(i) != file.stream_index_) format->streams[i]->discard = AVDISCARD_ALL;
  }
  return file;
}

VideoInfo VideoFile::info() const {
  const AVCodecParameters& parameters = *stream().codecpar;
  VideoInfo info;
  info.container = format_->iformat->name;
  info.codec = avcodec_get_name(parameters.codec_id);
  info.stored = {parameters.height, parameters.width};
  info.orientation = orientation_of(stream());
  if (format_->duration > 0) info.seconds = static_cast<double>(format_->duration) / AV_TIME_BASE;
  info.frames_per_second = as_double(stream().avg_frame_rate);
  info.interlaced = parameters.field_order > AV_FIELD_PROGRESSIVE;
  return info;
}

Result<bool> VideoFile::read(AVPacket& packet) {
  while (true) {
    av_packet_unref(&packet);
    const int got = av_read_frame(format_.get(), &packet);
    if (got == AVERROR_EOF) return false;
    if (got == AVERROR(EAGAIN)) continue;
    if (got < 0) return ItemError{ItemErrorCode::kCorrupt, "the video breaks off: " + av_error_text(got)};
    if (packet.stream_index != stream_index_ || packet.size == 0) continue;
    if (packet.pts == AV_NOPTS_VALUE && stream().codecpar->video_delay == 0) packet.pts = packet.dts;
    return true;
  }
}

int64_t VideoFile::listed_packets() const {
  if (!is_mov()) return 0;
  AVStream* stream = format_->streams[stream_index_];
  int64_t listed = 0;
  for (int i = 0; i < avformat_index_get_entries_count(stream); ++i) {
    listed += avformat_index_get_entry(stream, i)->size != 0;
  }
  return listed;
}

bool VideoFile::is_mov() const { return std::string_view(format_->iformat->name).starts_with("mov"); }

// Program streams and raw streams have times only here and there; what FFmpeg puts between depends on where it began.
bool VideoFile::has_lasting_times() const {
  constexpr std::array<std::string_view, 7> kLasting = {"avi", "mpegts", "flv", "asf", "ogg", "ivf", "matroska,webm"};
  return is_mov() || std::find(kLasting.begin(), kLasting.end(), format_->iformat->name) != kLasting.end();
}

bool VideoFile::seek(int64_t timestamp) {
  return av_seek_frame(format_.get(), stream_index_, timestamp, AVSEEK_FLAG_BACKWARD) >= 0;
}

Result<AvPointer<AVCodecContext>> VideoFile::open_decoder(const DecodeLimits& limits, int halvings) const {
  const AVCodecParameters& parameters = *stream().codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) {
    return ItemError{ItemErrorCode::kUnsupportedFormat,
                     std::string("no decoder for ") + avcodec_get_name(parameters.codec_id)};
  }
  AvPointer<AVCodecContext> context(avcodec_alloc_context3(codec));
  if (!context || avcodec_parameters_to_context(context.get(), &parameters) < 0) {
    return ItemError{ItemErrorCode::kOutOfMemory, "no memory for the video decoder"};
  }
  context->thread_count = 1;  // the engine decodes groups of pictures side by side instead
  context->pkt_timebase = stream().time_base;
  context->max_pixels = limits.max_pixels;
  context->lowres = halvings;
  // Or frames after an open group's key frame are lost when the decoder is drained before it has shown that one.
  if (parameters.codec_id == AV_CODEC_ID_H264) context->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  if (const int opened = avcodec_open2(context.get(), codec, nullptr); opened < 0) {
    return ItemError{ItemErrorCode::kCorrupt, "cannot open the video decoder: " + av_error_text(opened)};
  }
  return context;
}

bool VideoFile::shows_frame(const AVPacket& packet) const {
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return false;
  if (stream().codecpar->codec_id == AV_CODEC_ID_VP8)
    return (packet.data[0] & 0x10) != 0;  // RFC 6386 §9.1: show_frame
  return true;
}

bool VideoFile::is_entry(const AVPacket& packet) const {
  if ((packet.flags & AV_PKT_FLAG_KEY) == 0) return false;
  const AVCodecParameters& parameters = *stream().codecpar;
  if (parameters.codec_id != AV_CODEC_ID_H264) return true;
  return is_h264_entry(bytes_of(packet), extradata_of(parameters));
}

bool VideoFile::is_reference(const AVPacket& packet) const {
  const AVCodecParameters& parameters = *stream().codecpar;
  switch (parameters.codec_id) {
    case AV_CODEC_ID_H264: return is_h264_reference(bytes_of(packet), extradata_of(parameters));
    case AV_CODEC_ID_HEVC: return is_hevc_reference(bytes_of(packet), extradata_of(parameters));
    default: return true;
  }
}

}  // namespace smol
