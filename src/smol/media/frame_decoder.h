// A video codec as VideoReader needs it: packets in, frames out, at the fidelity that a DecodeSpec asks for.
#pragma once

#include <memory>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"
#include "smol/media/av_handles.h"
#include "smol/media/video_file.h"

namespace smol {

// Single-threaded; not thread-safe. Codes are FFmpeg's: 0, AVERROR(EAGAIN), AVERROR_EOF, or what went wrong.
class FrameDecoder {
 public:
  virtual ~FrameDecoder() = default;
  // Null: no further packets. A packet whose frame is not wanted is only decoded if other frames may need it. May
  // change the packet. Takes a packet whenever receive() said AVERROR(EAGAIN).
  virtual int send(AVPacket* packet, bool is_wanted) = 0;
  // The pixels stay until the next call of anything here.
  virtual int receive(AVFrame& frame) = 0;
  virtual void flush() = 0;
  // A frame has its width and height divided by this, rounded up.
  virtual int scale_denominator() const { return 1; }
};

// What of `spec` does not apply to the codec is decoded in full. kUnsupportedFormat, kCorrupt.
Result<std::unique_ptr<FrameDecoder>> make_frame_decoder(const VideoFile& file, const DecodeSpec& spec,
                                                         const DecodeLimits& limits);

// Every way to decode the video, full first, then from the dearest to the cheapest.
std::vector<DecodeMode> decode_modes(const VideoFile& file);

// AV1 by dav1d without its in-loop filters, which FFmpeg has no option for.
Result<std::unique_ptr<FrameDecoder>> make_unfiltered_av1_decoder(const DecodeLimits& limits);

}  // namespace smol
