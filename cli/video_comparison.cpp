#include "video_comparison.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "psnr.h"
#include "smol/base/clock.h"
#include "smol/base/image.h"
#include "smol/media/frame_rule.h"
#include "smol/media/video_reader.h"

namespace smol::cli {
namespace {

constexpr size_t kMostFrames = 120;
constexpr size_t kLeastFrames = 30;  // of videos whose groups are short
constexpr size_t kComparedFrames = 10;
constexpr int kLeastRounds = 2;
constexpr int64_t kBudgetNs = 1'000'000'000;

// Whole groups, as long as they fit.
std::vector<FrameRef> first_frames(const VideoIndex& index) {
  std::vector<FrameRef> frames = pick_frames(index, {}, 0);
  size_t count = 0;
  while (count < std::min(kMostFrames, frames.size())) {
    ++count;
    if (frames[count - 1].ends_group && count >= kLeastFrames) break;
  }
  frames.resize(count);
  frames.back().ends_group = true;
  return frames;
}

// A frame of a video as RGB, whole.
Result<DecodedGeometry> read_picture(VideoReader& reader, Image& picture) {
  const Size size = reader.frame_size();
  const Result<DecodedGeometry> geometry = reader.begin_picture({0, 0, size.height, size.width});
  if (!geometry.ok()) return geometry.error();
  picture.resize(geometry->size, 3);
  while (true) {
    const Result<Strip> strip = reader.next_strip();
    if (!strip.ok()) return strip.error();
    if (strip->rgb.size.height == 0) return geometry;
    const ImageView target = picture.view();
    for (int y = 0; y < strip->rgb.size.height; ++y) {
      std::copy_n(strip->rgb.row(y), size_t(strip->rgb.size.width) * 3, target.row(strip->first_row + y));
    }
  }
}

// Calls `frame` with the number of each frame, decoded; in every reader the same.
Status read_frames(std::span<VideoReader* const> readers, std::span<const DecodeSpec> specs,
                   std::span<const FrameRef> frames, const std::function<Status(size_t)>& frame) {
  for (size_t begin = 0; begin < frames.size();) {
    size_t end = begin + 1;
    while (!frames[end - 1].ends_group) ++end;
    const auto group = frames.subspan(begin, end - begin);
    for (size_t r = 0; r < readers.size(); ++r) {
      if (const Status status = readers[r]->start(group, specs[r]); !status.ok()) return status;
    }
    for (size_t i = 0; i < group.size(); ++i) {
      for (VideoReader* reader : readers) {
        const Result<int> decoded = reader->next_frame();
        if (!decoded.ok()) return decoded.error();
        if (*decoded != static_cast<int>(i)) {
          return ItemError{ItemErrorCode::kCorrupt, "a frame cannot be decoded, or only with errors: number " +
                                                        std::to_string(group[i].number)};
        }
      }
      if (const Status status = frame(begin + i); !status.ok()) return status;
    }
    begin = end;
  }
  return ok_status();
}

Status measure_drift(VideoReader& exact, VideoReader& reader, std::span<const FrameRef> frames,
                     MeasuredVideoMode& mode) {
  const auto first_end = std::find_if(frames.begin(), frames.end(), [](const FrameRef& f) { return f.ends_group; });
  const size_t last = static_cast<size_t>(first_end - frames.begin());
  const size_t step = std::max<size_t>(1, frames.size() / kComparedFrames);
  Image full, picture;
  double sum = 0;
  size_t compared = 0;
  VideoReader* const readers[] = {&exact, &reader};
  const DecodeSpec specs[] = {{}, mode.spec};
  const auto compare = [&](size_t i) -> Status {
    if (i % step != 0 && i != last) return ok_status();
    const Result<DecodedGeometry> whole = read_picture(exact, full);
    if (!whole.ok()) return whole.error();
    const Result<DecodedGeometry> geometry = read_picture(reader, picture);
    if (!geometry.ok()) return geometry.error();
    mode.size = geometry->size;
    const double error = mean_squared_error(std::as_const(full).view(), std::as_const(picture).view(), *geometry);
    sum += error;
    ++compared;
    if (i == 0) mode.first_psnr_db = psnr_db(error);
    if (i == last) mode.last_psnr_db = psnr_db(error);
    return ok_status();
  };
  if (const Status status = read_frames(readers, specs, frames, compare); !status.ok()) return status;
  mode.psnr_db = psnr_db(sum / static_cast<double>(compared));
  return ok_status();
}

Status measure_time(VideoReader& reader, std::span<const FrameRef> frames, bool is_first, MeasuredVideoMode& mode) {
  Image picture;
  VideoReader* const readers[] = {&reader};
  const DecodeSpec specs[] = {mode.spec};
  const int64_t start = thread_cpu_ns();
  const auto convert = [&](size_t) -> Status {
    const Result<DecodedGeometry> geometry = read_picture(reader, picture);
    return geometry.ok() ? ok_status() : Status(geometry.error());
  };
  if (const Status status = read_frames(readers, specs, frames, convert); !status.ok()) return status;
  const double ms = static_cast<double>(thread_cpu_ns() - start) * 1e-6 / static_cast<double>(frames.size());
  mode.ms = is_first ? ms : std::min(mode.ms, ms);
  return ok_status();
}

}  // namespace

Result<std::vector<MeasuredVideoMode>> compare_video_modes(const std::string& path, const VideoIndex& index,
                                                           const std::vector<DecodeMode>& modes,
                                                           const DecodeLimits& limits) {
  const std::vector<FrameRef> frames = first_frames(index);
  VideoReader exact;
  if (const Status status = exact.open(path, limits); !status.ok()) return status.error();
  std::vector<VideoReader> readers(modes.size());  // each keeps its decoder
  std::vector<MeasuredVideoMode> measured;
  for (size_t i = 0; i < modes.size(); ++i) {
    if (const Status status = readers[i].open(path, limits); !status.ok()) return status.error();
    measured.push_back({.spec = modes[i].spec, .size = {}});
    if (const Status status = measure_drift(exact, readers[i], frames, measured[i]); !status.ok()) {
      return status.error();
    }
  }
  const int64_t start = wall_ns();
  for (int round = 0; round < kLeastRounds || wall_ns() - start < kBudgetNs; ++round) {
    for (size_t i = 0; i < modes.size(); ++i) {
      if (const Status status = measure_time(readers[i], frames, round == 0, measured[i]); !status.ok()) {
        return status.error();
      }
    }
  }
  for (MeasuredVideoMode& mode : measured) mode.ratio = mode.ms / std::max(measured.front().ms, 1e-6);
  return measured;
}

}  // namespace smol::cli
