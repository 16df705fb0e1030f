// What the ways to decode a video cost and give, measured (smol inspect --compare).
#pragma once

#include <string>
#include <vector>

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"
#include "smol/media/video_index.h"

namespace smol::cli {

struct MeasuredVideoMode {
  DecodeSpec spec;
  Size size;         // of a frame
  double ms = 0;     // thread CPU time a frame, to RGB, the best of the repetitions
  double ratio = 0;  // to the full decode's
  // Against the full decode (psnr.h), infinite if identical. Errors of predicted frames add up from the first frame
  // of a group to its last.
  double psnr_db = 0;        // of about ten frames, evenly spaced, and the first group's last one
  double first_psnr_db = 0;  // of the first group's first frame
  double last_psnr_db = 0;   // and of its last one
};

// The first frames of the video, whole groups of pictures until there are 30, and 120 at most, in each mode in turn,
// again and again for about a second, twice at least. The full decode is the first of `modes`. Memory: a decoder a
// mode and one more, and two frames as RGB. A frame that cannot be decoded ends it.
Result<std::vector<MeasuredVideoMode>> compare_video_modes(const std::string& path, const VideoIndex& index,
                                                           const std::vector<DecodeMode>& modes,
                                                           const DecodeLimits& limits);

}  // namespace smol::cli
