// Which frames of a video become items: a rule that gives the same frames on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smol/media/video_frames.h"
#include "smol/media/video_index.h"

namespace smol {

struct FrameRule {
  enum class Kind : uint8_t { kAll, kEvery, kPerSecond, kKeyFrames, kReferences, kTimes, kRandom };
  Kind kind = Kind::kAll;
  int64_t every = 1;          // kEvery: frames 0, n, 2n, ...
  double per_second = 1;      // kPerSecond: what is shown at 0, 1/n, 2/n, ... seconds after the first frame
  std::vector<double> times;  // kTimes: what is shown at these times (ffprobe's pts_time), ascending
  uint64_t random = 1;        // kRandom: so many different frames of each video
};

// "all", "every=30", "fps=0.5", "keyframes", "references" (H.264, HEVC: without those that can be left out),
// "at=1.5,2,3.25" (seconds), "random=100". Throws Error(kUsage).
FrameRule parse_frame_rule(std::string_view text);

std::string to_string(const FrameRule& rule);  // as parse_frame_rule() reads it

// The frames that the rule picks, in the order in which they are shown, none twice. What is shown at a time is the
// last frame that does not start after it; before the first frame and after the last one nothing is picked. `seed`
// is for kRandom; another seed for each video keeps their samples independent.
std::vector<FrameRef> pick_frames(const VideoIndex& index, const FrameRule& rule, uint64_t seed);

}  // namespace smol
