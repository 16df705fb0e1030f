#include "smol/measure/parity.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>

#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/base/orient.h"
#include "smol/engine/pipeline.h"
#include "smol/engine/run_cut.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/measure/model_set.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/preproc/executor.h"
#include "smol/preproc/placement.h"

namespace smol {
namespace {

constexpr int64_t kPipelineBatch = 8;

using Outputs = std::vector<std::optional<std::vector<float>>>;  // by item; nothing: it failed

class ListSource final : public ItemSource {
 public:
  explicit ListSource(const std::vector<Item>& items) : items_(items) {}
  Next next(ItemRun& run) override {
    const std::lock_guard lock(mutex_);
    run.clear();
    if (at_ == items_.size() || stopped_) return Next::kEnd;
    run.append() = items_[at_++];
    return Next::kItem;
  }
  void wait() override {}
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }

 private:
  const std::vector<Item>& items_;
  std::mutex mutex_;
  size_t at_ = 0;
  bool stopped_ = false;
};

class OutputSink final : public RowSink {
 public:
  explicit OutputSink(Outputs& outputs) : outputs_(outputs) {}
  void add(Row&& row) override {
    const std::lock_guard lock(mutex_);
    if (row.ok) outputs_[row.item] = std::move(row.values);
  }

 private:
  std::mutex mutex_;
  Outputs& outputs_;
};

std::vector<Item> items_of(InputList& list) {
  if (list.frames() > 0) {
    throw Error(ErrorCode::kUsage, "--parity takes pictures; leave the videos out (--exclude '*.mp4'); frames: " +
                                       std::to_string(list.frames()));
  }
  std::vector<Item> items(list.size());
  list.seek(0);
  for (Item& item : items) list.next(item);
  return items;
}

std::optional<std::vector<float>> infer(Session& session, TensorView item) {
  std::vector<float> output(static_cast<size_t>(session.output_elements()));
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<bool> ok;
  const Shape& one = item.shape;
  const TensorView batch{item.dtype, {{1, one.axes[0], one.axes[1], one.axes[2]}, 4}, item.data};
  session.start(batch, output, [&](const Status& status) {
    const std::lock_guard lock(mutex);
    ok = status.ok();
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return ok.has_value(); });
  if (!*ok) return {};
  return output;
}

// The result of operations on a u8 picture as a u8 picture, rounded.
Image u8_step(const Image& in, const std::vector<PreprocOp>& ops) {
  const ConstImageView view = in.view();
  PreprocGraph graph{{CenterCropOp{view.size}}};  // changes nothing: says the size
  graph.ops.insert(graph.ops.end(), ops.begin(), ops.end());
  const ReferenceExecutor executor(graph);
  const InputSpec& spec = executor.output();
  AlignedBuffer tensor(spec.item_bytes());
  executor.run(view, Orientation::kUpright, {spec.dtype, spec.item_shape(), tensor.data()});
  Image out({spec.height, spec.width}, 3);
  const auto* pixels = reinterpret_cast<const uint8_t*>(tensor.data());
  const size_t row_bytes = static_cast<size_t>(spec.width) * 3;
  for (int y = 0; y < spec.height; ++y)
    std::copy_n(pixels + static_cast<size_t>(y) * row_bytes, row_bytes, out.view().row(y));
  return out;
}

// Pillow's pictures are u8 between operations, and between the two passes of a resize.
Image resized(const Image& in, const ResizeOp& op) {
  const Size from = std::as_const(in).view().size;
  const LargeSize to = resized_size(op, {from.height, from.width});
  ResizeOp pass = op;
  pass.rule = ResizeRule::kExact;
  const Size whole{static_cast<int>(to.height), static_cast<int>(to.width)};
  if (op.convention == ResizeConvention::kOpenCv) {
    pass.size = whole;
    return u8_step(in, {pass});
  }
  pass.size = {from.height, whole.width};
  ResizeOp second = pass;
  second.size = whole;
  return u8_step(u8_step(in, {pass}), {second});
}

// The graph's operations one by one; as u8 as long as the graph's values are.
void define(const PreprocGraph& graph, Image picture, TensorView out) {
  std::vector<PreprocOp> orders;  // RGB or BGR: the same before and behind what moves and mixes pixels
  size_t at = 0;
  for (; at < graph.ops.size(); ++at) {
    const PreprocOp& op = graph.ops[at];
    const auto* reorder = std::get_if<ReorderChannelsOp>(&op);
    if (reorder != nullptr && reorder->order != ChannelOrder::kGrey) {
      orders.push_back(op);
    } else if (const auto* resize = std::get_if<ResizeOp>(&op)) {
      picture = resized(picture, *resize);
    } else if (std::holds_alternative<CenterCropOp>(op) || std::holds_alternative<CropOp>(op) ||
               std::holds_alternative<PadOp>(op) || std::holds_alternative<FlipOp>(op)) {
      picture = u8_step(picture, {op});
    } else {
      break;
    }
  }
  const ConstImageView view = std::as_const(picture).view();
  PreprocGraph rest{{CenterCropOp{view.size}}};
  rest.ops.insert(rest.ops.end(), orders.begin(), orders.end());
  rest.ops.insert(rest.ops.end(), graph.ops.begin() + static_cast<std::ptrdiff_t>(at), graph.ops.end());
  ReferenceExecutor(rest).run(view, Orientation::kUpright, out);
}

// Slow and obviously right: one picture after the other.
Outputs by_definition(const LoadedModel& model, const std::vector<Item>& items, const DecodeLimits& limits) {
  SessionOptions options;
  options.slot = model.model->input();
  const auto session = model.model->compile(options);
  const InputSpec spec = output_spec(model.manifest.preprocessing);
  AlignedBuffer tensor = session->allocate_slot();
  FileReader reader;
  DecoderSet decoders;
  Image picture;
  Outputs outputs(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    const auto bytes = reader.read(items[i].path, limits.max_file_bytes);
    if (!bytes) continue;
    const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
    if (!decoder) continue;
    const Result<ImageInfo> info = (*decoder)->inspect(*bytes);
    if (!info || !decode_image(**decoder, *bytes, {}, limits, picture)) continue;
    Image upright(info->displayed(), 3);
    orient(std::as_const(picture).view(), info->orientation, upright.view());
    const TensorView out{spec.dtype, spec.item_shape(), tensor.data()};
    define(model.manifest.preprocessing, std::move(upright), out);
    outputs[i] = infer(*session, out);
  }
  return outputs;
}

Outputs by_pipeline(const ParityRequest& request, const LoadedModel& model, const RunCut& cut,
                    const std::vector<Item>& items) {
  PipelineSettings settings;
  settings.graph = cut.graph.prefix;
  settings.uniform_input = cut.uniform_input;
  settings.spec = request.decode;
  settings.limits = request.limits;
  settings.producers = request.threads > 0 ? request.threads : cpu_budget().cores;
  settings.output = RowOutput::kLogits;
  SessionOptions options;
  options.batch_size = kPipelineBatch;
  options.streams = settings.producers;
  options.slot = cut.graph.slot;
  options.suffix = cut.graph.suffix;
  const auto session = model.model->compile(options);
  Outputs outputs(items.size());
  ListSource source(items);
  OutputSink sink(outputs);
  LiveCounters live;
  run_pipeline(settings, *session, source, sink, live);
  return outputs;
}

void compare(const std::vector<Item>& items, const Outputs& reference, const Outputs& found, Parity& parity) {
  std::vector<double> drifts;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!reference[i] || !found[i]) {
      ++parity.failed;
      continue;
    }
    const std::vector<float>& expected = *reference[i];
    const std::vector<float>& got = *found[i];
    double drift = 0;
    for (size_t k = 0; k < expected.size(); ++k) {
      const double difference = std::abs(double{got[k]} - double{expected[k]});
      drift = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(drift, difference);
      if (std::isinf(drift)) break;
    }
    drifts.push_back(drift);
    const auto best = std::max_element(expected.begin(), expected.end()) - expected.begin();
    const auto got_best = std::max_element(got.begin(), got.end()) - got.begin();
    if (best == got_best && std::isfinite(drift)) continue;
    float second = -std::numeric_limits<float>::infinity();
    for (size_t k = 0; k < expected.size(); ++k) {
      if (static_cast<std::ptrdiff_t>(k) != best) second = std::max(second, expected[k]);
    }
    parity.flips.push_back(
        {items[i].id, best, got_best, double{expected[static_cast<size_t>(best)]} - double{second}});
  }
  parity.pictures = drifts.size();
  if (drifts.empty()) return;
  std::sort(drifts.begin(), drifts.end());
  const auto quantile = [&](double share) {
    return drifts[static_cast<size_t>(share * static_cast<double>(drifts.size() - 1) + 0.5)];
  };
  parity.drift_mean = std::accumulate(drifts.begin(), drifts.end(), 0.0) / static_cast<double>(drifts.size());
  parity.drift_median = quantile(0.5);
  parity.drift_p99 = quantile(0.99);
  parity.drift_max = drifts.back();
}

}  // namespace

Parity measure_parity(const ParityRequest& request, Backend& backend, FileSystem& files) {
  const std::vector<LoadedModel> models = load_models({request.model}, backend, request.compiled_models);
  const LoadedModel& model = models.front();
  const TemporarySnapshot snapshot;
  snapshot_inputs(request.inputs, files, snapshot.path());
  InputList list(snapshot.path());
  const std::vector<Item> items = items_of(list);
  if (items.empty()) throw Error(ErrorCode::kUsage, "no images found in: " + request.inputs.source);

  const PreprocGraph& graph = model.manifest.preprocessing;
  const CutChoice choice = choose_cut(request.cpu_ops, graph, backend);
  const InputFormat format{"full", request.decode};
  const RunCut cut = cut_for_inputs(graph, choice.cpu_ops, list, std::span(&format, 1), request.limits);

  Parity parity;
  parity.model = request.model.string();
  parity.backend = backend.name() + " " + backend.version();
  parity.decode = to_string(request.decode);
  parity.cut = to_text(cut.graph);
  parity.cut_reason = choice.reason;
  const Outputs found = by_pipeline(request, model, cut, items);
  compare(items, by_definition(model, items, request.limits), found, parity);
  return parity;
}

std::string to_json(const Parity& parity) {
  nlohmann::ordered_json json = {{"smol_parity", 1},
                                 {"model", parity.model},
                                 {"backend", parity.backend},
                                 {"decode", parity.decode},
                                 {"cut", parity.cut},
                                 {"cut_reason", parity.cut_reason},
                                 {"pictures", parity.pictures},
                                 {"failed", parity.failed},
                                 {"drift",
                                  {{"mean", parity.drift_mean},
                                   {"median", parity.drift_median},
                                   {"p99", parity.drift_p99},
                                   {"max", parity.drift_max}}},
                                 {"top1_flips", parity.flips.size()},
                                 {"top1_unchanged", 1 - parity.flip_share()},
                                 {"flips", nlohmann::ordered_json::array()}};
  for (const ParityFlip& flip : parity.flips) {
    json["flips"].push_back(
        {{"id", flip.id}, {"reference", flip.reference_class}, {"found", flip.found_class}, {"margin", flip.margin}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace smol
