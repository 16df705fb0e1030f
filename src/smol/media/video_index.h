// The frames of a video, found by reading its packets once, without decoding them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "smol/media/video_file.h"
#include "smol/media/video_frames.h"

namespace smol {

struct IndexedFrame {
  int64_t pts = kNoTimestamp;  // as FrameRef::pts
  double seconds = 0;
  uint32_t group = 0;  // of VideoIndex::groups
  bool is_key = false;
  bool is_reference = true;  // other frames may need it to be decoded
};

struct FrameGroup {
  int64_t key_pts = kNoTimestamp;
  int64_t key_seek = kNoTimestamp;
};

struct VideoIndex {
  VideoInfo info;
  double seconds_per_tick = 0;       // how exact times are
  std::vector<IndexedFrame> frames;  // in the order in which they are shown
  std::vector<FrameGroup> groups;
  std::optional<ItemError> damage;  // why there are no further frames, where there should be
};

// Frame numbers and times are those of `ffprobe -show_frames`. Frames before the first key frame cannot be decoded
// and do not count. Videos whose packets do not reliably say when they are shown (AVI with B-frames, program streams)
// are decoded once for it, and are one group. Memory: 24 bytes a frame; while it is made 36, or 72 where the
// container does not say how many there are (all but MP4).
Result<VideoIndex> index_video(const std::string& path, const DecodeLimits& limits);

}  // namespace smol
