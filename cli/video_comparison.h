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
  double psnr_db = 0;
  double first_psnr_db = 0;
  double last_psnr_db = 0;
};

// The first frames of the video, a group of pictures or a second's worth, 120 at most, in each mode in turn; the full
// decode is the first of `modes`. Memory: two frames. A frame that cannot be decoded ends it.
Result<std::vector<MeasuredVideoMode>> compare_video_modes(const std::string& path, const VideoIndex& index,
                                                           const std::vector<DecodeMode>& modes,
                                                           const DecodeLimits& limits);

}  // namespace smol::cli
