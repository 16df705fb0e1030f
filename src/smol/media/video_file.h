// A video file opened by FFmpeg's demuxer, with its one video stream and a decoder for it.
#pragma once

#include <cstdint>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/base/geometry.h"
#include "smol/base/result.h"
#include "smol/media/av_handles.h"

namespace smol {

struct VideoInfo {
  std::string container;  // FFmpeg's names
  std::string codec;
  Size stored;  // before rotation
  Orientation orientation = Orientation::kUpright;
  double seconds = 0;            // 0: unknown
  double frames_per_second = 0;  // average; 0: unknown
  bool interlaced = false;
};

// Not thread-safe. Opens only what smol knows (containers and codecs by white list) and only local files: a playlist
// that names other files or addresses is refused.
class VideoFile {
 public:
  // kNotFound, kPermissionDenied, kNotAFile, kEmptyFile, kUnknownFormat, kUnsupportedFormat, kTooManyPixels,
  // kCorrupt.
  static Result<VideoFile> open(const std::string& path, const DecodeLimits& limits);

  VideoInfo info() const;
  const AVStream& stream() const { return *format_->streams[stream_index_]; }
  AVRational time_base() const { return stream().time_base; }
  // Frames in the order in which they are decoded and in which they are shown may differ.
  bool reorders() const { return stream().codecpar->video_delay > 0; }
  // How many packets the container's index names; in fragments: so far. Not nb_frames, which counts those without
  // bytes and outside the edit list, too. 0: it does not say, or not reliably.
  int64_t listed_packets() const;

  // The next packet of the video stream; without B-frames, one that has no pts gets its dts. false: the end. A
  // damaged container is an error.
  Result<bool> read(AVPacket& packet);
  // Whether a packet shows a frame: the container marks those that do not, VP8's alternate references say so
  // themselves.
  bool shows_frame(const AVPacket& packet) const;
  // Whether decoding can start with this packet.
  bool is_entry(const AVPacket& packet) const;
  // Whether other frames may need this one to be decoded (where the codec says so: H.264, HEVC; otherwise true).
  bool is_reference(const AVPacket& packet) const;
  // Whether the times of packets are the same after a jump as without.
  bool has_lasting_times() const;
  // To a packet at or before `timestamp`. false: the container cannot.
  bool seek(int64_t timestamp);

  // FFmpeg's decoder, single-threaded, for frames halved so many times (AVCodec::max_lowres). kUnsupportedFormat,
  // kCorrupt.
  Result<AvPointer<AVCodecContext>> open_decoder(const DecodeLimits& limits, int halvings = 0) const;

 private:
  bool is_mov() const;

  AvPointer<AVFormatContext> format_;
  int stream_index_ = 0;
};

}  // namespace smol
