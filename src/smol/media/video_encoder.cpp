#include "smol/media/video_encoder.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "smol/media/frame_rule.h"
#include "smol/media/video_index.h"
#include "smol/media/video_reader.h"

namespace smol {
namespace {

ItemError damaged(const FrameRef& frame) {
  return {ItemErrorCode::kCorrupt,
          "frame " + std::to_string(frame.number) + " cannot be decoded, or only with errors"};
}

// When it is shown. The pts of a sequential video are numbers.
int64_t ticks_of(const FrameRef& frame, const VideoIndex& index) {
  return frame.is_sequential() ? std::llround(frame.seconds / index.seconds_per_tick) : frame.pts;
}

std::span<const FrameRef> first_group(std::span<const FrameRef> frames) {
  const auto end = std::find_if(frames.begin(), frames.end(),
                                [&](const FrameRef& frame) { return frame.key_pts != frames.front().key_pts; });
  return {frames.begin(), end};
}

}  // namespace

Status encode_video(const std::string& from, std::span<const VideoOutput> to, const DecodeLimits& limits) {
  const Result<VideoIndex> index = index_video(from, limits);
  if (!index.ok()) return index.error();
  if (index->damage) return *index->damage;
  const std::vector<FrameRef> frames = pick_frames(*index, {}, 0);
  VideoReader reader;
  if (const Status status = reader.open(from, limits); !status.ok()) return status;
  std::vector<Mp4Writer> writers;
  int64_t last_pts = kNoTimestamp;
  for (std::span<const FrameRef> rest = frames; !rest.empty();) {
    const std::span<const FrameRef> group = first_group(rest);
    rest = rest.subspan(group.size());
    if (const Status status = reader.start(group, {}); !status.ok()) return status;
    for (size_t i = 0; i < group.size(); ++i) {
      const Result<int> decoded = reader.next_frame();
      if (!decoded.ok()) return decoded.error();
      if (*decoded != static_cast<int>(i)) return damaged(group[i]);
      if (writers.empty()) {
        for (const VideoOutput& output : to) {
          Result<Mp4Writer> created = Mp4Writer::create(output.path, output.stored, reader.stream(), reader.frame());
          if (!created.ok()) return created.error();
          writers.push_back(std::move(*created));
        }
      }
      const int64_t pts = ticks_of(group[i], *index);
      if (pts <= last_pts) {
        return ItemError{ItemErrorCode::kUnsupportedFormat,
                         "frame " + std::to_string(group[i].number) + " is not shown later than the one before it"};
      }
      last_pts = pts;
      for (Mp4Writer& writer : writers) {
        if (const Status status = writer.write(reader.frame(), pts); !status.ok()) return status;
      }
    }
  }
  for (Mp4Writer& writer : writers) {
    if (const Status status = writer.finish(); !status.ok()) return status;
  }
  return ok_status();
}

}  // namespace smol
