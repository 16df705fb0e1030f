// Decodes chosen frames of a video, and as little else as that takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/base/image.h"
#include "smol/base/result.h"
#include "smol/media/frame_decoder.h"
#include "smol/media/frame_strips.h"
#include "smol/media/strip_source.h"
#include "smol/media/video_file.h"
#include "smol/media/video_frames.h"

namespace smol {

// Not thread-safe: one object a thread, single-threaded decoding. Frames are the same bits whatever was read before.
//
//   open(path)                      once a video
//   start(frames)                   some frames of one group, ascending
//   while ((next = next_frame()))   each that can be decoded, in that order
//     begin_picture(region), next_strip() ... until no rows
class VideoReader final : public StripSource {
 public:
  // Does nothing if this video is open already.
  Status open(const std::string& path, const DecodeLimits& limits);
  VideoInfo info() const { return file_->info(); }
  const AVStream& stream() const { return file_->stream(); }

  // `frames` must stay alive until they were read. Of `spec` counts what decode_modes() says of the video; the rest
  // is ignored. Goes on from where the last call ended if it can, and jumps otherwise. kCorrupt if the key frame is
  // not where the index says; kUnsupportedFormat without a decoder.
  Status start(std::span<const FrameRef> frames, const DecodeSpec& spec);

  // The place in `frames` of the frame that was decoded next; -1: no further one. Passed over: frames of which the
  // file has too little, that are damaged, or that come after damage in their group. kTimeLimit: decoding took longer
  // than limits.max_seconds without giving any frame, wanted or not.
  Result<int> next_frame();

  // Of the frame decoded last: RGB strips of the rows and columns of `region` (or a little more), which is in pixels
  // of frame_size() whatever was decoded.
  Result<DecodedGeometry> begin_picture(const Rect& region);
  Result<Strip> next_strip() override;
  Size frame_size() const;  // of the full frame; may change within a video
  int scale_denominator() const { return decoder_->scale_denominator(); }  // of the pixels to it
  const AVFrame& frame() const { return *frame_; }
  Orientation orientation() const { return orientation_; }

 private:
  Status choose_decoder(const DecodeSpec& spec);
  bool continues(const FrameRef& first) const;
  bool rewind();
  bool jump_to(const FrameRef& first);
  bool find_key(const FrameRef& first);
  bool is_wanted(const AVPacket& packet) const;
  bool all_sent() const;
  bool decode_next_packet();

  std::string path_;
  DecodeLimits limits_;
  std::optional<VideoFile> file_;
  DecodeSpec spec_;  // of decoder_
  std::unique_ptr<FrameDecoder> decoder_;
  AvPointer<AVPacket> packet_;
  AvPointer<AVFrame> frame_;
  FrameStrips strips_;
  Orientation orientation_ = Orientation::kUpright;

  std::span<const FrameRef> frames_;
  size_t next_ = 0;                   // of frames_: the first that has not been decoded
  size_t sent_ = 0;                   // of frames_: how many of them have had their packet sent
  int later_keys_sent_ = 0;           // key frames that are shown after all of frames_
  int64_t group_ = kNoTimestamp;      // key_pts of the group that the decoder is in
  int64_t last_pts_ = kNoTimestamp;   // of the frame that came last out of it
  bool in_group_ = false;             // neither drained nor flushed since the key frame of group_
  bool has_packet_ = false;           // packet_ was read but not sent
  bool has_frame_ = false;            // frame_ was decoded, but is for a later start()
  int64_t frame_pts_ = kNoTimestamp;  // of frame_, as FrameRef::pts
  int64_t decoded_ = 0;               // frames since the video's start, if it is sequential
  bool is_damaged_ = false;           // something in this group is: later frames may have copied from it
  bool draining_ = false;
};

}  // namespace smol
