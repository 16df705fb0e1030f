#include "video_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "smol/engine/chunk_encoder.h"

namespace smol::cli {
namespace {

struct FrameCounts {
  size_t keys = 0;
  size_t references = 0;
  size_t longest_group = 0;
};

FrameCounts count_frames(const VideoIndex& video) {
  FrameCounts counts;
  std::vector<size_t> groups(video.groups.size());
  for (const IndexedFrame& frame : video.frames) {
    counts.keys += frame.is_key;
    counts.references += frame.is_reference;
    ++groups[frame.group];
  }
  for (const size_t frames : groups) counts.longest_group = std::max(counts.longest_group, frames);
  return counts;
}

// From the first frame's begin to the last one's.
double shown_seconds(const VideoIndex& video) { return video.frames.back().seconds - video.frames.front().seconds; }

bool is_sequential(const VideoIndex& video) { return video.groups.front().key_seek == kNoTimestamp; }

}  // namespace

void print_video(const std::string& path, const Result<VideoIndex>& video) {
  fmt::print("{}\n", utf8_or_escaped(path));
  if (!video.ok()) {
    fmt::print("  error        {}: {}\n", item_error_name(video.error().code), video.error().message);
    return;
  }
  const VideoInfo& info = video->info;
  const FrameCounts counts = count_frames(*video);
  const Size displayed = oriented(info.stored, info.orientation);
  fmt::print("  format       {} in {}\n", info.codec, info.container);
  fmt::print("  size         {} x {} (width x height){}\n", info.stored.width, info.stored.height,
             displayed == info.stored ? "" : fmt::format(", shown as {} x {}", displayed.width, displayed.height));
  fmt::print("  frames       {}, {:.2f} seconds, {:.3f} a second on average\n", video->frames.size(),
             shown_seconds(*video), info.frames_per_second);
  fmt::print(
      "  key frames   {}, up to {} frames from one to the next{}\n", counts.keys, counts.longest_group,
      is_sequential(*video) ? "; sequential: its packets have no reliable times, so it is read from its start" : "");
  fmt::print("  references   {} frames; the others can be left out (--frames references)\n", counts.references);
  if (video->damage) {
    fmt::print("  damage       {}: {}\n", item_error_name(video->damage->code), video->damage->message);
  }
}

nlohmann::ordered_json video_json(const std::string& path, const Result<VideoIndex>& video) {
  nlohmann::ordered_json json;
  json["path"] = utf8_or_escaped(path);
  if (!video.ok()) {
    json["error_code"] = item_error_name(video.error().code);
    json["error"] = video.error().message;
    return json;
  }
  const VideoInfo& info = video->info;
  const FrameCounts counts = count_frames(*video);
  json["format"] = "video";
  json["container"] = info.container;
  json["codec"] = info.codec;
  json["width"] = info.stored.width;
  json["height"] = info.stored.height;
  json["orientation"] = static_cast<int>(info.orientation);
  json["frames"] = video->frames.size();
  json["first_seconds"] = video->frames.front().seconds;
  json["last_seconds"] = video->frames.back().seconds;
  json["frames_per_second"] = info.frames_per_second;
  json["key_frames"] = counts.keys;
  json["reference_frames"] = counts.references;
  json["longest_group"] = counts.longest_group;
  json["sequential"] = is_sequential(*video);
  if (video->damage) {
    json["damage_code"] = item_error_name(video->damage->code);
    json["damage"] = video->damage->message;
  }
  return json;
}

}  // namespace smol::cli
