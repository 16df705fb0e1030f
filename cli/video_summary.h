// What `smol inspect` says of a video.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "smol/base/result.h"
#include "smol/media/video_index.h"

namespace smol::cli {

void print_video(const std::string& path, const Result<VideoIndex>& video);
nlohmann::ordered_json video_json(const std::string& path, const Result<VideoIndex>& video);

}  // namespace smol::cli
