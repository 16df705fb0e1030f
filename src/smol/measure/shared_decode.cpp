#include "smol/measure/shared_decode.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "smol/base/clock.h"
#include "smol/base/time_limit.h"
#include "smol/infer/top_k.h"

namespace smol {
namespace {

Rect union_of(const Rect& a, const Rect& b) {
  if (a == Rect{}) return b;
  return {std::min(a.top, b.top), std::min(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

std::vector<PreprocGraph> graphs_of(const std::vector<const LoadedModel*>& models) {
  std::vector<PreprocGraph> graphs;
  for (const LoadedModel* model : models) graphs.push_back(model->manifest.preprocessing);
  return graphs;
}

}  // namespace

SharedDecode::SharedDecode(const std::vector<const LoadedModel*>& models,
                           const std::vector<std::unique_ptr<Session>>& sessions, const DecodeSpec& spec,
                           const DecodeLimits& limits, LiveCounters& live, Found found)
    : spec_(spec), limits_(limits), live_(live), found_(std::move(found)), executor_(graphs_of(models)) {
  for (size_t i = 0; i < models.size(); ++i) {
    Session& session = *sessions[i];
    batches_.push_back({&session,
                        models[i]->model->input(),
                        session.allocate_slot(),
                        std::vector<float>(static_cast<size_t>(session.batch_size() * session.output_elements())),
                        {}});
  }
}

void SharedDecode::add(const std::string& path, size_t position, const std::vector<size_t>& wanting) {
  const int64_t asked = wall_ns();
  const Status status = decode(path, wanting);
  live_.device_idle_ns += wall_ns() - asked;
  for (const size_t model : wanting) {
    if (!status.ok()) {
      found_(model, position, {status.error(), {}, {}});
      continue;
    }
    ModelBatch& batch = batches_[model];
    batch.positions.push_back(position);
    if (std::ssize(batch.positions) == batch.session->batch_size()) run_batch(model);
  }
}

void SharedDecode::finish() {
  for (size_t model = 0; model < batches_.size(); ++model) {
    if (!batches_[model].positions.empty()) run_batch(model);
  }
}

// As the pipeline's producer decodes (engine/producer.h), so that the pixels are those of a run.
Status SharedDecode::decode(const std::string& path, const std::vector<size_t>& wanting) try {
  const Result<std::span<const std::byte>> bytes = reader_.read(path, limits_.max_file_bytes);
  if (!bytes) return bytes.error();
  const Result<Decoder*> decoder = decoders_.decoder_for(*bytes);
  if (!decoder) return decoder.error();
  const Result<ImageInfo> info = (*decoder)->inspect(*bytes);
  if (!info) return info.error();
  const Result<DecodedGeometry> geometry = (*decoder)->open(*bytes, spec_for(*info), limits_);
  if (!geometry) return geometry.error();
  rows_.assign(batches_.size(), {});
  for (const size_t model : wanting) {
    ModelBatch& batch = batches_[model];
    std::byte* row = batch.input.data() + batch.positions.size() * batch.slot.item_bytes();
    rows_[model] = {batch.slot.dtype, batch.slot.item_shape(), row};
  }
  executor_.begin(*geometry, info->orientation, rows_);
  const TimeLimit limit(limits_.max_seconds);
  while (true) {
    const Result<Strip> strip = (*decoder)->next_strip();
    if (!strip) return strip.error();
    if (strip->rgb.size.height == 0) break;
    if (limit.is_over()) return time_limit_error();
    executor_.push(*strip);
  }
  executor_.finish();
  return ok_status();
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to decode the image"};
}

// What no model's crop needs is read and checked, but not transformed, upsampled or converted.
DecodeSpec SharedDecode::spec_for(const ImageInfo& info) const {
  DecodeSpec spec = spec_;
  const bool has_pixels =
      info.stored.height > 0 && info.stored.width > 0 && info.stored.pixels() <= limits_.max_pixels;
  if (!has_pixels || (spec.thumbnail && info.thumbnail.pixels() > 0)) return spec;
  Rect needed;
  for (int denominator = spec.scale_denominator; denominator >= 1; denominator /= 2) {
    needed = union_of(needed, executor_.needed_source_rect(info.displayed(), info.orientation, denominator));
  }
  spec.region = needed;
  spec.read_to_end = true;
  return spec;
}

void SharedDecode::run_batch(size_t model) {
  ModelBatch& batch = batches_[model];
  const int64_t rows = batch.session->batch_size();
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Status> finished;
  const int64_t started = wall_ns();
  batch.session->start(
      {batch.slot.dtype, batch.slot.batch_shape(rows), batch.input.data()}, batch.output, [&](Status result) {
        const std::lock_guard lock(mutex);
        finished = std::move(result);
        changed.notify_one();  // under the lock: the condition variable is gone as soon as it is let go
      });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return finished.has_value(); });
  }
  live_.slot_wait_ns += wall_ns() - started;
  const Status& status = *finished;
  const auto elements = static_cast<size_t>(batch.session->output_elements());
  for (size_t i = 0; i < batch.positions.size(); ++i) {
    Prediction prediction;
    if (status.ok()) {
      const auto k = static_cast<int>(std::min<size_t>(kKeptClasses, elements));
      top_k(std::span(batch.output).subspan(i * elements, elements), k, prediction.classes, prediction.values);
    } else {
      prediction.error = status.error();
    }
    found_(model, batch.positions[i], std::move(prediction));
  }
  batch.positions.clear();
}

}  // namespace smol
