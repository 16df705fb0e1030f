#include "smol/preproc/cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "smol/base/error.h"
#include "smol/preproc/placement.h"

namespace smol {
namespace {

// Operations that work value by value, or only move values: they never pay for a cut of their own.
template <typename Op>
constexpr bool kIsPerPixel =
    std::is_same_v<Op, ReorderChannelsOp> || std::is_same_v<Op, ConvertOp> || std::is_same_v<Op, ScaleOp> ||
    std::is_same_v<Op, NormaliseOp> || std::is_same_v<Op, ReorderLayoutOp> || std::is_same_v<Op, PointwiseOp> ||
    std::is_same_v<Op, FlipOp>;

bool is_per_pixel(const PreprocOp& op) {
  return std::visit([](const auto& each) { return kIsPerPixel<std::decay_t<decltype(each)>>; }, op);
}

PreprocGraph part(const PreprocGraph& graph, size_t begin, size_t end) {
  const auto at = [&](size_t i) { return graph.ops.begin() + static_cast<std::ptrdiff_t>(i); };
  return {{at(begin), at(end)}};
}

// What the operations of the visitor make of the size of a picture; nothing: it depends on the picture.
class SizeTracker {
 public:
  explicit SizeTracker(std::optional<Size> input) : size_(input) {}
  std::optional<Size> size() const { return size_; }

  void operator()(const ResizeOp& op) {
    if (op.rule == ResizeRule::kExact) {
      size_ = op.size;
    } else if (size_) {
      const LargeSize resized = resized_size(op, {size_->height, size_->width});
      size_ = {static_cast<int>(resized.height), static_cast<int>(resized.width)};
    }
  }
  void operator()(const CenterCropOp& op) { size_ = op.size; }
  void operator()(const CropOp& op) { size_ = op.rect.size(); }
  void operator()(const PadOp& op) { size_ = op.size; }
  void operator()(const CroppedResizeOp& op) { std::visit(*this, op.crop); }
  template <typename Op>
  void operator()(const Op&) {
    static_assert(kIsPerPixel<Op>, "say what the operation makes of the size");
  }

 private:
  std::optional<Size> size_;
};

std::optional<Size> size_behind(const PreprocGraph& prefix, std::optional<Size> input) {
  SizeTracker tracker(input);
  for (const PreprocOp& op : prefix.ops) std::visit(tracker, op);
  return tracker.size();
}

// Turns each short-side or long-side resize whose input has a known size into the exact resize that it comes to.
PreprocGraph with_known_sizes(PreprocGraph prefix, std::optional<Size> input) {
  SizeTracker tracker(input);
  for (PreprocOp& op : prefix.ops) {
    std::visit(tracker, op);
    auto* resize = std::get_if<ResizeOp>(&op);
    if (resize != nullptr && tracker.size()) {
      resize->rule = ResizeRule::kExact;
      resize->short_side = 0;
      resize->long_side = 0;
      resize->size = *tracker.size();
    }
  }
  if (prefix.ops.empty()) prefix.ops.emplace_back(CenterCropOp{*input});
  return prefix;
}

bool makes_grey(const PreprocOp& op) {
  const auto* reorder = std::get_if<ReorderChannelsOp>(&op);
  return reorder != nullptr && reorder->order == ChannelOrder::kGrey;
}

ChannelOrder order_behind(const PreprocGraph& prefix) {
  ChannelOrder order = ChannelOrder::kRgb;
  for (const PreprocOp& op : prefix.ops) {
    if (const auto* reorder = std::get_if<ReorderChannelsOp>(&op)) order = reorder->order;
  }
  return order;
}

// Grey is made of the true colours, and below a cut nobody knows that BGR crossed.
bool makes_grey_of_bgr(const PreprocGraph& prefix, const PreprocGraph& suffix) {
  return order_behind(prefix) == ChannelOrder::kBgr && std::any_of(suffix.ops.begin(), suffix.ops.end(), makes_grey);
}

// Channel orders are absolute; below the cut, "rgb" is what crosses. If that is BGR, the two words change places.
void make_orders_relative(CutGraph& cut) {
  const ChannelOrder crossing = order_behind(cut.prefix);
  if (crossing != ChannelOrder::kBgr) return;
  for (PreprocOp& op : cut.suffix.ops) {
    auto* reorder = std::get_if<ReorderChannelsOp>(&op);
    if (reorder == nullptr) continue;
    reorder->order = reorder->order == ChannelOrder::kRgb ? ChannelOrder::kBgr : ChannelOrder::kRgb;
  }
}

}  // namespace

std::vector<size_t> possible_cuts(const PreprocGraph& graph) {
  const size_t all = graph.ops.size();
  size_t u8_ops = 0;  // operations before the first conversion
  while (u8_ops < all && !std::holds_alternative<ConvertOp>(graph.ops[u8_ops])) ++u8_ops;
  std::vector<size_t> cuts = {all};
  for (size_t cut = u8_ops + 1; cut-- > 0;) {
    if (cut < all && (cut == 0 || !is_per_pixel(graph.ops[cut - 1]))) cuts.push_back(cut);
  }
  std::erase_if(cuts, [&](size_t cut) { return makes_grey_of_bgr(part(graph, 0, cut), part(graph, cut, all)); });
  return cuts;
}

std::vector<size_t> cuts_for_any_size(const PreprocGraph& graph) {
  std::vector<size_t> cuts = possible_cuts(graph);
  std::erase_if(cuts, [&](size_t cut) { return cut < graph.ops.size() && needs_uniform_input(graph, cut); });
  return cuts;
}

bool needs_uniform_input(const PreprocGraph& graph, size_t cpu_ops) {
  return !size_behind(part(graph, 0, std::min(cpu_ops, graph.ops.size())), {});
}

CutGraph cut_graph(const PreprocGraph& graph, size_t cpu_ops, std::optional<Size> uniform_input) {
  const size_t all = graph.ops.size();
  if (cpu_ops > all) {
    throw Error(ErrorCode::kUsage,
                fmt::format("the cut must leave 0 to {} operations on the CPU, not: {}", all, cpu_ops));
  }
  output_spec(graph);  // refuses what cannot be executed, with the number that the operation has in the whole graph
  CutGraph cut{part(graph, 0, cpu_ops), part(graph, cpu_ops, all), {}};
  if (cpu_ops < all) {
    if (!uniform_input && needs_uniform_input(graph, cpu_ops)) {
      throw Error(ErrorCode::kUsage,
                  fmt::format("a cut above the operation that makes all pictures one size needs inputs that have one "
                              "size already; operations on the CPU: {}",
                              cpu_ops));
    }
    if (makes_grey_of_bgr(cut.prefix, cut.suffix)) {
      throw Error(
          ErrorCode::kUsage,
          fmt::format("a cut between BGR and grey is not made: cut below the conversion to grey; operations on "
                      "the CPU: {}",
                      cpu_ops));
    }
    cut.prefix = with_known_sizes(std::move(cut.prefix), uniform_input);
  }
  make_orders_relative(cut);
  cut.slot = output_spec(cut.prefix);
  output_spec(cut.suffix, cut.slot);
  return cut;
}

std::string to_text(const CutGraph& cut) {
  return fmt::format("{} {} {}x{}, {}", name(cut.slot.dtype), name(cut.slot.layout), cut.slot.height, cut.slot.width,
                     cut.suffix.ops.empty() ? "all on the CPU" : "then " + to_text(cut.suffix));
}

}  // namespace smol
