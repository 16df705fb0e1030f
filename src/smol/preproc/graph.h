// The preprocessing graph of a model: the operations between decoded pixels and the DNN input (paper §6.2).
//
// A value: print, compare, serialise. Read from a manifest (infer/manifest.h), made from a preset or by code. A
// chain, and as it is written the definition: ReferenceExecutor follows it operation by operation. Several chains
// that share a decode and common prefixes are a PreprocDag (graph_dag.h).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/base/tensor.h"

namespace smol {

enum class ResizeFilter : uint8_t { kBilinear, kBicubic, kNearest, kArea };
enum class ResizeRule : uint8_t {
  kShortSide,  // torchvision.transforms.Resize(int): the long side is int(long * target / short)
  kExact,      // to exactly height x width
  kLongSide,  // ImageOps.contain, letterbox: the short side is round(short * target / long), halves to even, at least
              // 1
};

// Whose definition of a filter holds. With u8 values Pillow rounds and clamps after each of the two passes, OpenCV at
// the end.
enum class ResizeConvention : uint8_t {
  // Bilinear and bicubic with antialias: Pillow's Image.resize, torchvision's default; without: torch's interpolate
  // (bicubic a = -0.75). Nearest takes the pixel under the output pixel's centre. Area is Pillow's BOX.
  kPillow,
  // cv2.resize with INTER_NEAREST (the pixel under the output pixel's corner), INTER_LINEAR, INTER_CUBIC (a = -0.75;
  // these do not antialias) and INTER_AREA (exact area when both sides shrink, else OpenCV's bilinear of that name).
  kOpenCv,
};

struct ResizeOp {
  ResizeRule rule = ResizeRule::kShortSide;
  int short_side = 0;  // kShortSide
  Size size;           // kExact
  ResizeFilter filter = ResizeFilter::kBilinear;
  // The filter widens when shrinking. False for nearest, and for OpenCV's bilinear and bicubic; true for area.
  bool antialias = true;
  int long_side = 0;  // kLongSide
  ResizeConvention convention = ResizeConvention::kPillow;
  // The model does not mind whether this resize and the one before it are done as one. An optimiser may then merge
  // them, which changes pixels by more than rounding; otherwise it never does.
  bool mergeable = false;
  bool operator==(const ResizeOp&) const = default;
};

// As torchvision.transforms.CenterCrop: offsets round half to even; a smaller picture is padded with zeros first.
struct CenterCropOp {
  Size size;
  bool operator==(const CenterCropOp&) const = default;
};

// As torchvision.transforms.functional.crop: what lies outside the picture is 0. An item's region (`--regions`) is
// such a crop in front of the model's graph.
struct CropOp {
  Rect rect;  // not empty; top and left may be negative
  bool operator==(const CropOp&) const = default;
};

// Pads bottom and right, or around the centre, up to `size` with `value` (letterbox = long-side resize + pad).
struct PadOp {
  Size size;
  uint8_t value = 0;
  bool centred = true;
  bool operator==(const PadOp&) const = default;
};

struct FlipOp {
  bool horizontal = false;
  bool vertical = false;
  bool operator==(const FlipOp&) const = default;
};

// Grey is Pillow's L: (19595 R + 38470 G + 7471 B) / 65536, ITU-R 601.
enum class ChannelOrder : uint8_t { kRgb, kBgr, kGrey };
struct ReorderChannelsOp {
  ChannelOrder order = ChannelOrder::kRgb;
  int channels = 3;  // of grey: 1, or 3 equal ones
  bool operator==(const ReorderChannelsOp&) const = default;
};

// Values unchanged (0..255); to u8: rounded half up and clamped; to f16: rounded to nearest even. The last arithmetic
// operation of a graph comes before f16.
struct ConvertOp {
  DType dtype = DType::kF32;
  bool operator==(const ConvertOp&) const = default;
};

// x * factor, on f32.
struct ScaleOp {
  float factor = 1.0f;
  bool operator==(const ScaleOp&) const = default;
};

// (x * scale - mean[c]) / std[c], in this order, on f32; of one grey channel with c = 0. `scale` is 1/255 for the
// usual ImageNet numbers.
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

// Made by the optimiser only: a resize of which just a window is computed, from no more of the source than that
// window depends on, filter support included. Equal to `resize` and then `crop`: the crop has gone before the resize
// with the exact sampling grid of the whole picture (a fractional source box) carried along.
struct CroppedResizeOp {
  ResizeOp resize;
  std::variant<CenterCropOp, CropOp> crop;
  bool in_decoder = false;  // the decoder is asked for that part only (DecodeSpec::region)
  bool operator==(const CroppedResizeOp&) const = default;
};

// Made by the optimiser only: normalisation, scaling, conversion, channel order and layout in one pass. Output
// channel c is input[source_channel[c]] * scale[c] + bias[c], in double, then converted.
struct PointwiseOp {
  DType dtype = DType::kF32;
  Layout layout = Layout::kCHW;
  std::array<uint8_t, 3> source_channel{0, 1, 2};
  std::array<double, 3> scale{1, 1, 1};
  std::array<double, 3> bias{0, 0, 0};
  bool operator==(const PointwiseOp&) const = default;
};

using PreprocOp = std::variant<ResizeOp, CenterCropOp, CropOp, PadOp, FlipOp, ReorderChannelsOp, ConvertOp, ScaleOp,
                               NormaliseOp, ReorderLayoutOp, CroppedResizeOp, PointwiseOp>;

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
std::string to_text(const PreprocOp& op);

std::string_view name(ResizeFilter filter);  // "nearest", "bilinear", "bicubic", "area"
std::string_view name(ChannelOrder order);   // "rgb", "bgr", "grey"

// "imagenet": resize 256 bilinear, crop 224, /255, ImageNet mean and std. "tf": the same geometry, (x - 127.5) /
// 127.5. "raw": exact resize to `input`, f32 0..255. All for the given input size; short side = round(size / 0.875).
PreprocGraph preset_graph(std::string_view preset, Size input);

}  // namespace smol
