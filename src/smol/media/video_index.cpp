#include "smol/media/video_index.h"

#include <algorithm>

#include "smol/base/time_limit.h"

namespace smol {
namespace {

struct ReadPacket {
  int64_t pts = kNoTimestamp;
  int64_t dts = kNoTimestamp;
  bool is_entry = false;
  bool is_key = false;
  bool is_shown = false;
  bool is_reference = true;
};

ItemError ends_early(int64_t found, int64_t listed) {
  return {ItemErrorCode::kTruncated,
          "the video ends after " + std::to_string(found) + " of " + std::to_string(listed) + " frames"};
}

int64_t seek_target(const ReadPacket& key) { return key.dts == kNoTimestamp ? key.pts : std::min(key.dts, key.pts); }

// From the first packet that decoding can start with; damage goes into the index.
std::vector<ReadPacket> read_packets(VideoFile& file, const DecodeLimits& limits, AVPacket& packet,
                                     VideoIndex& index) {
  std::vector<ReadPacket> packets;
  int64_t seen = 0;
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
    if (packets.empty() && !is_entry) continue;
    packets.push_back({packet.pts, packet.dts, is_entry, (packet.flags & AV_PKT_FLAG_KEY) != 0,
                       file.shows_frame(packet), file.is_reference(packet)});
  }
  if (!index.damage && seen < file.listed_packets()) index.damage = ends_early(seen, file.listed_packets());
  return packets;
}

// Some writers leave out when frames are shown, and give when they are decoded instead.
bool has_reliable_times(const VideoFile& file, const std::vector<ReadPacket>& packets) {
  const auto has_no_time = [](const ReadPacket& packet) { return packet.pts == AV_NOPTS_VALUE; };
  const auto is_earlier = [](const ReadPacket& a, const ReadPacket& b) { return a.pts < b.pts; };
  if (!file.has_lasting_times() || std::any_of(packets.begin(), packets.end(), has_no_time)) return false;
  return !file.reorders() || packets.size() < 3 || !std::is_sorted(packets.begin(), packets.end(), is_earlier);
}

// Packets come in decoding order: a group starts with every key frame, and the frames shown before it although they
// follow it (open groups) belong to the group before.
void sort_into_groups(const std::vector<ReadPacket>& packets, VideoIndex& index) {
  std::vector<ReadPacket> entries;
  for (const ReadPacket& packet : packets) {
    if (packet.is_entry) entries.push_back(packet);
  }
  const auto is_earlier = [](const ReadPacket& a, const ReadPacket& b) { return a.pts < b.pts; };
  std::stable_sort(entries.begin(), entries.end(), is_earlier);
  for (const ReadPacket& entry : entries) index.groups.push_back({entry.pts, seek_target(entry)});
  for (const ReadPacket& packet : packets) {
    const auto after = std::upper_bound(entries.begin(), entries.end(), packet, is_earlier);
    if (!packet.is_shown || after == entries.begin()) continue;  // before the first entry: needs what is not there
    index.frames.push_back({packet.pts, static_cast<double>(packet.pts) * index.seconds_per_tick,
                            static_cast<uint32_t>(after - entries.begin()) - 1, packet.is_key, packet.is_reference});
  }
  std::stable_sort(index.frames.begin(), index.frames.end(),
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
  index.groups.push_back({0, kNoTimestamp});
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

  const std::vector<ReadPacket> packets = read_packets(*file, limits, *packet, index);
  if (has_reliable_times(*file, packets)) {
    sort_into_groups(packets, index);
  } else if (const Status status = index_by_decoding(path, limits, *packet, index); !status.ok()) {
    return status.error();
  }
  if (index.frames.empty()) {
    return index.damage.value_or(ItemError{ItemErrorCode::kCorrupt, "the video has no frame that can be decoded"});
  }
  return index;
}

}  // namespace smol
