// What `smol inspect` says of a video.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "smol/base/result.h"
#include "smol/media/video_index.h"
#include "video_comparison.h"

namespace smol::cli {

struct InspectedVideo {
  std::string path;
  Result<VideoIndex> index;
  std::vector<DecodeMode> modes;
  std::vector<MeasuredVideoMode> comparison;  // if asked for
};

InspectedVideo inspect_video(const std::string& path, bool compare, const DecodeLimits& limits);
void print_video(const InspectedVideo& video);
nlohmann::ordered_json video_json(const InspectedVideo& video);

}  // namespace smol::cli
