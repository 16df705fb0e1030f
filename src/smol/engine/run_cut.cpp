#include "smol/engine/run_cut.h"

#include <string>
#include <vector>

#include "smol/base/error.h"
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

[[noreturn]] void refuse(size_t cpu_ops, const std::string& why) {
  throw Error(ErrorCode::kUsage, "cut " + std::to_string(cpu_ops) + " needs pictures of one size, " + why +
                                     ": choose a later cut (--cut), which takes any");
}

Size size_of_first(InputList& inputs, size_t cpu_ops, const DecodeLimits& limits) {
  inputs.seek(0);
  for (Item item; inputs.next(item);) {
    if (item.region) refuse(cpu_ops, "and regions have many");
    if (const std::optional<Size> size = size_of(item, limits)) return *size;
  }
  throw Error(ErrorCode::kUsage, "cut " + std::to_string(cpu_ops) +
                                     " needs the size of the pictures, and none of the inputs can be read");
}

}  // namespace

CutChoice choose_cut(const std::optional<size_t>& asked, const PreprocGraph& graph, const Backend& backend) {
  const size_t all = graph.ops.size();
  if (asked) {
    if (*asked > all) {
      throw Error(ErrorCode::kUsage, "--cut: the preprocessing has fewer operations (" + std::to_string(all) +
                                         "): " + std::to_string(*asked));
    }
    return {*asked, "as given"};
  }
  if (!backend.has_own_device()) {
    return {all, "auto: the model shares the cores, where the fused pass is cheapest"};
  }
  const size_t lowest = cuts_for_any_size(graph).back();
  if (lowest == all) return {all, "auto: no cut below which pictures of any size fit"};
  return {lowest, "auto: u8 crosses to the device, a quarter of the bytes"};
}

RunCut cut_for_inputs(const PreprocGraph& graph, size_t cpu_ops, InputList& inputs,
                      std::span<const InputFormat> formats, const DecodeLimits& limits) {
  RunCut cut;
  if (cpu_ops < graph.ops.size() && needs_uniform_input(graph, cpu_ops)) {
    for (const InputFormat& format : formats) {
      if (!is_exact(format.decode)) refuse(cpu_ops, "fully decoded, not as " + to_string(format));
    }
    cut.uniform_input = size_of_first(inputs, cpu_ops, limits);
  }
  cut.graph = cut_graph(graph, cpu_ops, cut.uniform_input);
  return cut;
}

}  // namespace smol
