#include "smol/engine/run_cut.h"

#include <vector>

#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/media/video_reader.h"

namespace smol {
namespace {

std::optional<Size> size_of(const Item& item, const DecodeLimits& limits) {
  if (item.frame) {
    VideoReader video;
    const std::vector<FrameRef> frames = {*item.frame};
    if (item.frame->pts == kNoTimestamp || !video.open(item.path, limits).ok() || !video.start(frames, {}).ok())
      return {};
    const Result<int> decoded = video.next_frame();
    if (!decoded.ok() || *decoded < 0) return {};
    return oriented(video.frame_size(), video.orientation());
  }
  FileReader reader;
  DecoderSet decoders;
  const auto bytes = reader.read(item.path, limits.max_file_bytes);
  if (!bytes) return {};
  const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
  if (!decoder) return {};
  const Result<ImageInfo> info = (*decoder)->inspect(*bytes);
  if (!info) return {};
  return info->displayed();
}

}  // namespace

CutChoice default_cut(const PreprocGraph& graph, const Backend& backend) {
  const size_t all = graph.ops.size();
  if (!backend.has_own_device()) {
    return {all, "auto: the model shares the cores, where the fused pass is cheapest"};
  }
  const size_t lowest = cuts_for_any_size(graph).back();
  if (lowest == all) return {all, "auto: no cut below which pictures of any size fit"};
  return {lowest, "auto: u8 crosses to the device, a quarter of the bytes"};
}

std::optional<Size> size_of_first(InputList& inputs, const DecodeLimits& limits) {
  inputs.seek(0);
  for (Item item; inputs.next(item);) {
    if (const std::optional<Size> size = size_of(item, limits)) return size;
  }
  return {};
}

}  // namespace smol
