#include "video_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "smol/engine/chunk_encoder.h"
#include "smol/media/frame_decoder.h"

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

std::string text(Size size) { return fmt::format("{} x {}", size.width, size.height); }

std::string text(double psnr_db) { return std::isinf(psnr_db) ? "exact" : fmt::format("{:.1f} dB", psnr_db); }

nlohmann::ordered_json json_of(double psnr_db) {
  return std::isinf(psnr_db) ? nlohmann::ordered_json() : nlohmann::ordered_json(psnr_db);
}

void print_modes(const InspectedVideo& video) {
  if (video.comparison.empty()) {
    const char* title = "decode";
    for (const DecodeMode& mode : video.modes) {
      fmt::print("  {:<12} {:<18} {:<14} {}\n", title, to_string(mode.spec), text(mode.size),
                 is_exact(mode.spec) ? "exact" : "approximate");
      title = "";
    }
    return;
  }
  fmt::print("  {:<18} {:<14} {:>12} {:>8}  {:<10} {}\n", "decode", "size", "CPU ms/frame", "to full", "PSNR",
             "first, last frame of a group");
  for (const MeasuredVideoMode& mode : video.comparison) {
    fmt::print("  {:<18} {:<14} {:>12.3f} {:>7.3f}x  {:<10} {}, {}\n", to_string(mode.spec), text(mode.size), mode.ms,
               mode.ratio, text(mode.psnr_db), text(mode.first_psnr_db), text(mode.last_psnr_db));
  }
}

void add_modes(const InspectedVideo& video, nlohmann::ordered_json& json) {
  json["decode_modes"] = nlohmann::ordered_json::array();
  for (const DecodeMode& mode : video.modes) {
    json["decode_modes"].push_back({{"name", to_string(mode.spec)},
                                    {"width", mode.size.width},
                                    {"height", mode.size.height},
                                    {"exact", is_exact(mode.spec)}});
  }
  for (const MeasuredVideoMode& mode : video.comparison) {
    json["comparison"].push_back({{"name", to_string(mode.spec)},
                                  {"width", mode.size.width},
                                  {"height", mode.size.height},
                                  {"exact", is_exact(mode.spec)},
                                  {"cpu_ms_per_frame", mode.ms},
                                  {"ratio_to_full", mode.ratio},
                                  {"identical", std::isinf(mode.psnr_db)},
                                  {"psnr_db", json_of(mode.psnr_db)},
                                  {"first_psnr_db", json_of(mode.first_psnr_db)},
                                  {"last_psnr_db", json_of(mode.last_psnr_db)}});
  }
}

}  // namespace

InspectedVideo inspect_video(const std::string& path, bool compare, const DecodeLimits& limits) {
  InspectedVideo video{path, index_video(path, limits), {}, {}};
  if (!video.index.ok()) return video;
  const Result<VideoFile> file = VideoFile::open(path, limits);
  if (!file.ok()) return {path, file.error(), {}, {}};
  video.modes = decode_modes(*file);
  if (!compare) return video;
  auto comparison = compare_video_modes(path, *video.index, video.modes, limits);
  if (!comparison.ok()) return {path, comparison.error(), {}, {}};
  video.comparison = std::move(*comparison);
  return video;
}

void print_video(const InspectedVideo& inspected) {
  const Result<VideoIndex>& video = inspected.index;
  fmt::print("{}\n", utf8_or_escaped(inspected.path));
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
  print_modes(inspected);
}

nlohmann::ordered_json video_json(const InspectedVideo& inspected) {
  const Result<VideoIndex>& video = inspected.index;
  nlohmann::ordered_json json;
  json["path"] = utf8_or_escaped(inspected.path);
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
  add_modes(inspected, json);
  return json;
}

}  // namespace smol::cli
