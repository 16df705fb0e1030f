// The preprocessing graph of a model: the operations between decoded pixels and the DNN input (paper §6.2).
//
// A value: print, compare, serialise. Read from a manifest (infer/manifest.h) or made from a preset. Today a chain;
// sinks for several models join when several models share a decode.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/base/tensor.h"

namespace smol {

enum class ResizeFilter : uint8_t { kBilinear, kBicubic };  // Pillow's kernels: triangle; Catmull-Rom-like a = -0.5
enum class ResizeRule : uint8_t {
  kShortSide,  // torchvision.transforms.Resize(int): the long side is int(long * target / short)
  kExact,      // to exactly height x width
};

struct ResizeOp {
  ResizeRule rule = ResizeRule::kShortSide;
  int short_side = 0;  // kShortSide
  Size size;           // kExact
  ResizeFilter filter = ResizeFilter::kBilinear;
  bool antialias = true;  // false: the filter keeps its source support when shrinking (torchvision antialias=False)
  bool operator==(const ResizeOp&) const = default;
};

// As torchvision.transforms.CenterCrop: offsets round half to even; a smaller picture is padded with zeros first.
struct CenterCropOp {
  Size size;
  bool operator==(const CenterCropOp&) const = default;
};

// Pads bottom and right, or around the centre, up to `size` with `value` (letterbox = long-side resize + pad).
struct PadOp {
  Size size;
  uint8_t value = 0;
  bool centred = true;
  bool operator==(const PadOp&) const = default;
};

enum class ChannelOrder : uint8_t { kRgb, kBgr };
struct ReorderChannelsOp {
  ChannelOrder order = ChannelOrder::kRgb;
  bool operator==(const ReorderChannelsOp&) const = default;
};

struct ConvertOp {  // to f32, values unchanged (0..255)
  DType dtype = DType::kF32;
  bool operator==(const ConvertOp&) const = default;
};

// (x * scale - mean[c]) / std[c], in this order, on f32. `scale` is 1/255 for the usual ImageNet numbers.
struct NormaliseOp {
  float scale = 1.0f;
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
  bool operator==(const NormaliseOp&) const = default;
};

struct ReorderLayoutOp {
  Layout layout = Layout::kCHW;
  bool operator==(const ReorderLayoutOp&) const = default;
};

using PreprocOp =
    std::variant<ResizeOp, CenterCropOp, PadOp, ReorderChannelsOp, ConvertOp, NormaliseOp, ReorderLayoutOp>;

struct PreprocGraph {
  std::vector<PreprocOp> ops;
  bool operator==(const PreprocGraph&) const = default;
};

// Throws Error(kUsage) naming the operation: an order or a parameter that cannot be executed (no fixed output
// size, normalise before convert, ...). Returns what the graph produces for any input.
InputSpec output_spec(const PreprocGraph& graph);

// The same for a graph that starts from `input` instead of decoded pixels: what stands below a cut (cut.h).
InputSpec output_spec(const PreprocGraph& graph, const InputSpec& input);

// "resize short_side=256 bicubic antialias | center_crop 224x224 | ..."
std::string to_text(const PreprocGraph& graph);

// "imagenet": resize 256 bilinear, crop 224, /255, ImageNet mean and std. "tf": the same geometry, (x - 127.5) /
// 127.5. "raw": exact resize to `input`, f32 0..255. All for the given input size; short side = round(size / 0.875).
PreprocGraph preset_graph(std::string_view preset, Size input);

}  // namespace smol
