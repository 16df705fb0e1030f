#include "smol/media/video_index.h"

#include <algorithm>

#include "smol/base/time_limit.h"

namespace smol {
namespace {

// What decides whether packets can be trusted, seen from the first one on that decoding can start with.
struct PacketTimes {
  int64_t packets = 0;
  bool are_complete = true;
  bool ascend = true;
};

ItemError ends_early(int64_t found, int64_t listed) {
  return {ItemErrorCode::kTruncated,
          "the video ends after " + std::to_string(found) + " of " + std::to_string(listed) + " frames"};
}

int64_t seek_target(const AVPacket& key) { return key.dts == kNoTimestamp ? key.pts : std::min(key.dts, key.pts); }

// Frames and the groups' starts, in the order of decoding, and damage go into the index. No packet is kept.
PacketTimes read_packets(VideoFile& file, const DecodeLimits& limits, AVPacket& packet, VideoIndex& index) {
  index.frames.reserve(static_cast<size_t>(std::min(file.listed_packets(), limits.max_frames)));
  PacketTimes times;
  int64_t seen = 0;
  int64_t last_pts = kNoTimestamp;
  while (true) {
    const Result<bool> more = file.read(packet);
    if (!more.ok()) index.damage = more.error();
    if (!more.ok() || !*more) break;
    ++seen;
    if (seen > limits.max_frames) {
      index.damage = ItemError{ItemErrorCode::kTooManyFrames,
                               "the video has more frames than the limit of " + std::to_string(limits.max_frames)};
      break;
    }
    const bool is_entry = file.is_entry(packet);
    if (times.packets == 0 && !is_entry) continue;
    ++times.packets;
    times.are_complete = times.are_complete && packet.pts != AV_NOPTS_VALUE;
    times.ascend = times.ascend && packet.pts >= last_pts;
    last_pts = packet.pts;
    if (is_entry) index.groups.push_back({packet.pts, seek_target(packet)});
    if (!file.shows_frame(packet)) continue;
    index.frames.push_back({packet.pts, static_cast<double>(packet.pts) * index.seconds_per_tick, 0,
                            (packet.flags & AV_PKT_FLAG_KEY) != 0, file.is_reference(packet)});
  }
  if (!index.damage && seen < file.listed_packets()) index.damage = ends_early(seen, file.listed_packets());
  return times;
}

// Some writers leave out when frames are shown, and give when they are decoded instead.
bool are_reliable(const PacketTimes& times, const VideoFile& file) {
  if (!file.has_lasting_times() || !times.are_complete) return false;
  return !file.reorders() || times.packets < 3 || !times.ascend;
}

// A group starts with every key frame, and the frames shown before it although they follow it (open groups) belong to
// the group before.
void sort_into_groups(VideoIndex& index) {
  std::vector<FrameGroup>& groups = index.groups;
  std::vector<IndexedFrame>& frames = index.frames;
  std::stable_sort(groups.begin(), groups.end(),
                   [](const FrameGroup& a, const FrameGroup& b) { return a.key_pts < b.key_pts; });
  if (groups.empty()) return;
  const int64_t first = groups.front().key_pts;
  std::erase_if(frames, [first](const IndexedFrame& frame) { return frame.pts < first; });  // need what is not there
  for (IndexedFrame& frame : frames) {
    const auto after = std::upper_bound(groups.begin(), groups.end(), frame.pts,
                                        [](int64_t pts, const FrameGroup& group) { return pts < group.key_pts; });
    frame.group = static_cast<uint32_t>(after - groups.begin()) - 1;
  }
  std::stable_sort(frames.begin(), frames.end(),
                   [](const IndexedFrame& a, const IndexedFrame& b) { return a.pts < b.pts; });
}

// Times as the decoder guesses them, from a pass that leaves out what does not change them. A frame for which it has
// no guess comes as long after its predecessor as that one did.
Status index_by_decoding(const std::string& path, const DecodeLimits& limits, AVPacket& packet, VideoIndex& index) {
  Result<VideoFile> file = VideoFile::open(path, limits);
  if (!file.ok()) return file.error();
  Result<AvPointer<AVCodecContext>> decoder = file->open_decoder(limits);
  if (!decoder.ok()) return decoder.error();
  (*decoder)->skip_loop_filter = AVDISCARD_ALL;
  const AvPointer<AVFrame> frame(av_frame_alloc());
  if (!frame) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to index the video"};
  index.frames.clear();
  index.groups = {{0, kNoTimestamp}};
  double step = 0;
  TimeLimit limit(limits.max_seconds);  // from one frame to the next
  for (bool draining = false;;) {
    const int got = avcodec_receive_frame(decoder->get(), frame.get());
    if (limit.is_over()) return time_limit_error();
    if (got == 0) {
      limit = TimeLimit(limits.max_seconds);
      std::vector<IndexedFrame>& frames = index.frames;
      const double last = frames.empty() ? 0 : frames.back().seconds;
      const int64_t pts = frame->best_effort_timestamp;
      const double seconds = pts == kNoTimestamp ? last + step : static_cast<double>(pts) * index.seconds_per_tick;
      if (!frames.empty()) step = seconds - last;
      if (static_cast<int64_t>(frames.size()) == limits.max_frames) return ok_status();
      frames.push_back({static_cast<int64_t>(frames.size()), seconds, 0, frame->key_frame != 0});
    } else if (got == AVERROR_EOF || draining) {
      return ok_status();
    } else {
      const Result<bool> more = file->read(packet);
      draining = !more.ok() || !*more;
      avcodec_send_packet(decoder->get(), draining ? nullptr : &packet);
    }
  }
}

}  // namespace

Result<VideoIndex> index_video(const std::string& path, const DecodeLimits& limits) {
  Result<VideoFile> file = VideoFile::open(path, limits);
  if (!file.ok()) return file.error();
  VideoIndex index;
  index.info = file->info();
  index.seconds_per_tick = av_q2d(file->time_base());
  const AvPointer<AVPacket> packet(av_packet_alloc());
  if (!packet) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to index the video"};

  const PacketTimes times = read_packets(*file, limits, *packet, index);
  if (are_reliable(times, *file)) {
    sort_into_groups(index);
  } else if (const Status status = index_by_decoding(path, limits, *packet, index); !status.ok()) {
    return status.error();
  }
  if (index.frames.empty()) {
    return index.damage.value_or(ItemError{ItemErrorCode::kCorrupt, "the video has no frame that can be decoded"});
  }
  index.frames.shrink_to_fit();
  return index;
}

}  // namespace smol
