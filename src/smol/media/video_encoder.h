// A video as a smaller one that is cheap to decode, for renditions that smol stores itself.
#pragma once

#include <string>

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"
#include "smol/media/mp4_writer.h"

namespace smol {

// Writes `to` as Mp4Writer does: every frame that index_video() finds in `from`, with its number and its time,
// without sound. A video of which a frame is missing or damaged is an error: its rendition would have other frame
// numbers. An error leaves a part of `to` behind. limits.max_seconds is CPU time a frame. Any thread. Throws
// Error(kFailed) if `to` cannot be written or there is no x264. Memory: 88 bytes a frame for
// the index, a decoder, and about 60 frames that x264 looks ahead.
Status encode_video(const std::string& from, const std::string& to, const StoredVideo& stored,
                    const DecodeLimits& limits);

}  // namespace smol
