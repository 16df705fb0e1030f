#include "smol/media/video_reader.h"

#include <algorithm>

#include "smol/base/time_limit.h"

namespace smol {
namespace {

bool earlier(const FrameRef& frame, int64_t pts) { return frame.pts < pts; }

}  // namespace

Status VideoReader::open(const std::string& path, const DecodeLimits& limits) {
  if (file_ && path_ == path) return ok_status();
  file_.reset();
  decoder_.reset();
  in_group_ = has_packet_ = has_frame_ = draining_ = false;
  Result<VideoFile> file = VideoFile::open(path, limits);
  if (!file.ok()) return file.error();
  if (!packet_) packet_.reset(av_packet_alloc());
  if (!frame_) frame_.reset(av_frame_alloc());
  if (!packet_ || !frame_) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to read the video"};
  orientation_ = file->info().orientation;
  file_ = std::move(*file);
  path_ = path;
  limits_ = limits;
  return ok_status();
}

bool VideoReader::continues(const FrameRef& first) const {
  return in_group_ && group_ == first.key_pts && last_pts_ < first.pts;
}

Status VideoReader::choose_decoder(const DecodeSpec& spec) {
  if (decoder_ && spec == spec_) return ok_status();
  decoder_.reset();
  in_group_ = has_packet_ = has_frame_ = false;
  Result<std::unique_ptr<FrameDecoder>> decoder = make_frame_decoder(*file_, spec, limits_);
  if (!decoder.ok()) return decoder.error();
  decoder_ = std::move(*decoder);
  spec_ = spec;
  return ok_status();
}

Status VideoReader::start(std::span<const FrameRef> frames, const DecodeSpec& spec) {
  if (const Status status = choose_decoder(spec); !status.ok()) return status;
  frames_ = frames;
  next_ = 0;
  sent_ = 0;
  later_keys_sent_ = 0;
  const FrameRef& first = frames.front();
  if (continues(first)) return ok_status();
  decoder_->flush();
  in_group_ = has_frame_ = draining_ = is_damaged_ = false;
  const bool is_next = has_packet_ && !first.is_sequential() && packet_->pts == first.key_pts;
  if (!is_next && !jump_to(first)) {
    return ItemError{ItemErrorCode::kCorrupt, "a key frame is not found a second time"};
  }
  group_ = first.key_pts;
  last_pts_ = kNoTimestamp;
  in_group_ = true;
  return ok_status();
}

// Anew rather than by a jump: some demuxers count time on across jumps.
bool VideoReader::rewind() {
  Result<VideoFile> file = VideoFile::open(path_, limits_);
  if (!file.ok()) return false;
  file_ = std::move(*file);
  decoded_ = 0;
  return true;
}

bool VideoReader::jump_to(const FrameRef& first) {
  has_packet_ = false;
  if (first.is_sequential()) return rewind();
  if (file_->seek(first.key_seek) && find_key(first)) return true;
  return rewind() && find_key(first);  // the container's index is wrong
}

// Leaves the group's key frame in packet_. Stops behind the second later key frame: it does not come any more.
bool VideoReader::find_key(const FrameRef& first) {
  int later_keys = 0;
  while (later_keys < 2) {
    const Result<bool> more = file_->read(*packet_);
    if (!more.ok() || !*more) return false;
    if ((packet_->flags & AV_PKT_FLAG_KEY) == 0 || packet_->pts == AV_NOPTS_VALUE) continue;
    if (packet_->pts == first.key_pts) {
      has_packet_ = true;
      return true;
    }
    if (packet_->pts > first.key_pts) ++later_keys;
  }
  return false;
}

// What comes after the last wanted frame is wanted too, by a later start(), unless the group ends here.
bool VideoReader::is_wanted(const AVPacket& packet) const {
  if (frames_.front().is_sequential()) return true;
  if (packet.pts > frames_.back().pts) return !frames_.back().ends_group;
  const auto frame = std::lower_bound(frames_.begin(), frames_.end(), packet.pts, earlier);
  return frame != frames_.end() && frame->pts == packet.pts;
}

bool VideoReader::all_sent() const {
  return frames_.back().ends_group && (sent_ == frames_.size() || later_keys_sent_ >= 2);
}

// false: there is nothing left to decode.
bool VideoReader::decode_next_packet() {
  if (draining_) return false;
  if (!all_sent() && !has_packet_) {
    const Result<bool> more = file_->read(*packet_);
    has_packet_ = more.ok() && *more;
  }
  if (all_sent() || !has_packet_) {
    draining_ = true;
    decoder_->send(nullptr, true);
    return true;
  }
  const bool wanted = is_wanted(*packet_);
  if (!frames_.front().is_sequential()) {
    if (wanted && packet_->pts <= frames_.back().pts) ++sent_;
    if ((packet_->flags & AV_PKT_FLAG_KEY) != 0 && packet_->pts > frames_.back().pts) ++later_keys_sent_;
  }
  has_packet_ = false;
  if (decoder_->send(packet_.get(), wanted) < 0) is_damaged_ = true;
  return true;
}

Result<int> VideoReader::next_frame() {
  TimeLimit limit(limits_.max_seconds);  // from one decoded frame to the next, wanted or not: a long way is no fault
  while (next_ < frames_.size()) {
    if (!has_frame_) {
      const int got = decoder_->receive(*frame_);
      if (limit.is_over()) {
        in_group_ = false;  // a frame may be lost
        return time_limit_error();
      }
      if (got == AVERROR(ENOMEM)) return ItemError{ItemErrorCode::kOutOfMemory, "no memory to decode the frame"};
      if (got != 0) {
        if (got != AVERROR(EAGAIN) && got != AVERROR_EOF) is_damaged_ = true;
        if (got != AVERROR_EOF && decode_next_packet()) continue;
        in_group_ = false;
        return -1;
      }
      limit = TimeLimit(limits_.max_seconds);
      const bool has_pts = frame_->pts != AV_NOPTS_VALUE;
      frame_pts_ = frames_.front().is_sequential() ? decoded_++
                   : has_pts                       ? frame_->pts
                                                   : frame_->best_effort_timestamp;
    }
    has_frame_ = false;
    if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0) is_damaged_ = true;
    const int64_t pts = frame_pts_;
    while (next_ < frames_.size() && frames_[next_].pts < pts) ++next_;
    if (next_ == frames_.size()) {
      has_frame_ = true;
      return -1;
    }
    if (frames_[next_].pts != pts) continue;
    ++next_;
    last_pts_ = pts;
    if (is_damaged_) continue;
    return static_cast<int>(next_) - 1;
  }
  return -1;
}

Result<DecodedGeometry> VideoReader::begin_picture(const Rect& region) {
  return strips_.begin(*frame_, region, frame_size(), decoder_->scale_denominator());
}

Result<Strip> VideoReader::next_strip() { return strips_.next(); }

// Of a frame that was decoded smaller, the stream's size if it fits: the frame does not know its own.
Size VideoReader::frame_size() const {
  const int denominator = decoder_->scale_denominator();
  const Size stored{file_->stream().codecpar->height, file_->stream().codecpar->width};
  const auto is_made_of = [denominator](int small, int full) {
    return small == (full + denominator - 1) / denominator;
  };
  if (is_made_of(frame_->height, stored.height) && is_made_of(frame_->width, stored.width)) return stored;
  return {frame_->height * denominator, frame_->width * denominator};
}

}  // namespace smol
