// A video as a smaller one that is cheap to decode, for renditions that smol stores itself.
#pragma once

#include <span>
#include <string>

#include "smol/base/decode_spec.h"
#include "smol/base/result.h"
#include "smol/media/mp4_writer.h"

namespace smol {

struct VideoOutput {
  std::string path;
  StoredVideo stored;
};

// Decodes `from` once, and writes all of `to` as Mp4Writer does: every frame that index_video() finds, with its
// number and its time, without sound. A video of which a frame is missing or damaged is an error: its rendition would
// have other frame numbers. An error leaves parts of the files behind. limits.max_seconds is CPU time a frame. Any
// thread. Throws as Mp4Writer does. Memory: 88 bytes a frame for the index, a decoder, and of each output about 60
// frames that x264 looks ahead.
Status encode_video(const std::string& from, std::span<const VideoOutput> to, const DecodeLimits& limits);

}  // namespace smol
