// Producer, the part for frames of videos.
#include <algorithm>
#include <new>

#include "smol/base/clock.h"
#include "smol/engine/item_row.h"
#include "smol/engine/producer.h"
#include "smol/media/video_index.h"

namespace smol {
namespace {

const ItemError kDamagedFrame{ItemErrorCode::kCorrupt, "the frame cannot be decoded, or only with errors"};

// The first items of one group.
std::span<const Item> first_group(std::span<const Item> items) {
  const auto end = std::find_if(items.begin(), items.end(), [&](const Item& item) {
    return item.frame->key_pts != items.front().frame->key_pts || item.frame->pts == kNoTimestamp;
  });
  return {items.begin(), std::max(end, items.begin() + 1)};
}

// Why a video has no frames, or no further ones: found out again, as it is rare.
ItemError damage_of(const std::string& path, const DecodeLimits& limits) {
  const Result<VideoIndex> index = index_video(path, limits);
  if (!index.ok()) return index.error();
  return index->damage.value_or(ItemError{ItemErrorCode::kCorrupt, "the video has changed since the run began"});
}

void add_errors(std::span<const Item> items, const ItemError& error, Size displayed, RowSink& sink) {
  for (const Item& item : items) sink.add(error_row(item, error, displayed));
}

}  // namespace

bool Producer::produce_frames(const ItemRun& run, BatchRing& ring, RowSink& sink) {
  const int64_t cpu_start = thread_cpu_ns();
  StripTimes strips;
  bool goes_on = true;
  for (std::span<const Item> items = run.items(); goes_on && !items.empty();) {
    const std::span<const Item> group = first_group(items);
    items = items.subspan(group.size());
    goes_on = produce_group(group, ring, sink, strips);
  }
  count_strips(strips, thread_cpu_ns() - cpu_start);
  return goes_on;
}

bool Producer::produce_group(std::span<const Item> items, BatchRing& ring, RowSink& sink, StripTimes& strips) {
  if (items.front().frame->pts == kNoTimestamp) {
    add_errors(items, damage_of(items.front().path, limits_), {}, sink);
    return true;
  }
  frames_.clear();
  for (const Item& item : items) frames_.push_back(*item.frame);
  const int64_t before_start = wall_ns();
  Status status = video_.open(items.front().path, limits_);
  if (status.ok()) status = video_.start(frames_, spec_);
  strips.decode_ns += wall_ns() - before_start;
  Size displayed;
  while (status.ok() && !items.empty()) {
    const int64_t before_frame = wall_ns();
    const Result<int> decoded = video_.next_frame();
    strips.decode_ns += wall_ns() - before_frame;
    if (!decoded.ok()) {
      status = decoded.error();
      break;
    }
    const size_t left = frames_.size() - items.size();
    const size_t passed_over = *decoded < 0 ? items.size() : static_cast<size_t>(*decoded) - left;
    add_errors(items.first(passed_over), kDamagedFrame, displayed, sink);
    items = items.subspan(passed_over);
    if (*decoded < 0) break;
    displayed = oriented(video_.frame_size(), video_.orientation());
    if (!produce_frame(items.front(), displayed, ring, sink, strips)) return false;
    items = items.subspan(1);
  }
  if (!status.ok()) add_errors(items, status.error(), displayed, sink);
  return true;
}

bool Producer::produce_frame(const Item& item, Size displayed, BatchRing& ring, RowSink& sink, StripTimes& strips) {
  if (const Status status = check_size(displayed); !status.ok()) {
    sink.add(error_row(item, status.error(), displayed));
    return true;
  }
  const int64_t before = wall_ns();
  const Rect needed = executor_.needed_source_rect(displayed, video_.orientation(), video_.scale_denominator());
  const Result<DecodedGeometry> geometry = video_.begin_picture(needed);
  strips.decode_ns += wall_ns() - before;
  if (!geometry.ok()) {
    sink.add(error_row(item, geometry.error(), displayed));
    return true;
  }
  const ClaimedRow claimed = claim_for(item, displayed, ring);
  if (claimed.slot == nullptr) return false;
  const Status status = decode_into(ring.row_tensor(claimed), *geometry, video_.orientation(), video_, strips);
  if (!status.ok()) sink.add(error_row(item, status.error(), displayed));
  ring.complete(claimed, status.ok());
  return true;
}

}  // namespace smol
