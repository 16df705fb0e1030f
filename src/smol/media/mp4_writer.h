// An MP4 file of H.264, written frame by frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "smol/base/geometry.h"
#include "smol/base/result.h"
#include "smol/media/av_handles.h"

namespace smol {

struct StoredVideo {
  int short_side = 0;  // pixels, made even; never enlarged; 0: as large as the video
  int crf = 23;        // x264's constant rate factor, 1 to 51
};

// x264 medium, 4:2:0, closed groups of at most 60 frames, one thread: the same frames give the same bytes. Not
// thread-safe. After an error it takes nothing more. Throws FileError if the file cannot be written, Error(kFailed)
// if FFmpeg has no x264.
class Mp4Writer {
 public:
  // `source`: of it, time base, frame rate, rotation and pixel aspect are kept. `first`: of it, matrix and range.
  // kUnsupportedFormat, here and below: x264, libswscale or MP4 does not take it. kOutOfMemory.
  static Result<Mp4Writer> create(const std::string& path, const StoredVideo& stored, const AVStream& source,
                                  const AVFrame& first);

  // Scaled by libswscale (bicubic). `pts` in the source's time base, ascending.
  Status write(const AVFrame& frame, int64_t pts);
  Status finish();

 private:
  struct CloseFile {
    void operator()(AVFormatContext* format) const;
  };

  explicit Mp4Writer(std::string path) : path_(std::move(path)) {}
  Status open_encoder(const StoredVideo& stored, const AVStream& source, const AVFrame& first);
  Status open_file(const AVStream& source);
  Status scale(const AVFrame& frame);
  Status write_packets();
  [[noreturn]] void fail(int error) const;  // the file cannot be written
  ItemError refusal(int error) const;       // of the muxer: throws if the file is to blame

  std::string path_;
  std::unique_ptr<AVFormatContext, CloseFile> file_;
  AvPointer<AVCodecContext> encoder_;
  AvPointer<AVPacket> packet_{av_packet_alloc()};
  AvPointer<AVFrame> scaled_{av_frame_alloc()};
  AvPointer<SwsContext> scaler_;
  std::optional<int64_t> last_pts_;
};

// The size of the stored frames: (height, width), even.
Size stored_size(Size size, int short_side);

}  // namespace smol
