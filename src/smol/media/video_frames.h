// Which frames of a video are wanted, and how a reader finds them again.
#pragma once

#include <cstdint>
#include <limits>

namespace smol {

inline constexpr int64_t kNoTimestamp = std::numeric_limits<int64_t>::min();  // AV_NOPTS_VALUE

// One frame of a video.
//
// A group is what can be decoded from one key frame on: the frames from that key frame up to the next one in the
// order in which they are shown. Videos that cannot be entered but at their start (sequential: no reliable times in
// their packets) are one group; their pts are the frames' numbers.
struct FrameRef {
  int64_t number = 0;              // as shown, from 0
  int64_t pts = kNoTimestamp;      // kNoTimestamp: there is no such frame; what is wrong with the video is its answer
  int64_t key_pts = kNoTimestamp;  // of the key frame that its group starts with
  int64_t key_seek = kNoTimestamp;  // where the demuxer has to jump for that key frame; kNoTimestamp: sequential
  double seconds = 0;               // when it is shown, as ffprobe's best_effort_timestamp_time
  bool ends_group = false;          // no later frame of this group is wanted
  bool is_sequential() const { return key_seek == kNoTimestamp; }
  bool operator==(const FrameRef&) const = default;
};

}  // namespace smol
