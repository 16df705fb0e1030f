#include "smol/measure/prediction_run.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "smol/engine/item_source.h"
#include "smol/measure/shared_decode.h"

namespace smol {
namespace {

SessionOptions session_options(const LoadedModel& model, int threads) {
  SessionOptions options;
  options.batch_size = kEvaluationBatch;
  options.streams = threads;
  options.slot = model.model->input();
  return options;
}

// The wanted items of one model, in runs.
class WantedSource final : public ItemSource {
 public:
  WantedSource(const std::vector<Item>& items, const std::vector<bool>& wanted, const std::atomic<bool>& stopped)
      : items_(items), wanted_(wanted), stopped_(stopped) {}

  Next next(ItemRun& run) override {
    const std::lock_guard lock(mutex_);
    run.clear();
    for (; position_ < items_.size() && !stopped_ && !is_stopped_; ++position_) {
      if (!wanted_[position_]) continue;
      if (!run.items().empty() && !continues_run(run, items_[position_])) break;
      Item& item = run.append();
      item = items_[position_];
      item.ordinal = position_;
    }
    return run.items().empty() ? Next::kEnd : Next::kItem;
  }
  void wait() override {}
  void stop() override { is_stopped_ = true; }

 private:
  const std::vector<Item>& items_;
  const std::vector<bool>& wanted_;
  const std::atomic<bool>& stopped_;
  std::atomic<bool> is_stopped_{false};
  std::mutex mutex_;
  size_t position_ = 0;
};

class PredictionSink final : public RowSink {
 public:
  explicit PredictionSink(std::function<void(size_t, Prediction&&)> found) : found_(std::move(found)) {}
  void add(Row&& row) override {
    Prediction prediction;
    if (row.ok) {
      prediction.classes = std::move(row.classes);
      prediction.values = std::move(row.values);
    } else {
      prediction.error = ItemError{row.error_code, std::move(row.error)};
    }
    const std::lock_guard lock(mutex_);
    found_(row.item, std::move(prediction));
  }

 private:
  std::mutex mutex_;
  std::function<void(size_t, Prediction&&)> found_;
};

// Frames of videos: the pipeline's producers know how to step through groups of pictures; each model decodes for
// itself.
void predict_one_by_one(const PredictionWork& work, const PredictionSettings& settings, LiveCounters& live,
                        const std::atomic<bool>& stopped,
                        const std::function<void(size_t, size_t, Prediction&&)>& found) {
  for (size_t model = 0; model < work.models.size() && !stopped; ++model) {
    const auto session = work.models[model]->model->compile(session_options(*work.models[model], settings.threads));
    PipelineSettings pipeline;
    pipeline.graph = work.models[model]->manifest.preprocessing;
    pipeline.spec = settings.decode;
    pipeline.limits = settings.limits;
    pipeline.producers = settings.threads;
    pipeline.topk = static_cast<int>(std::min<int64_t>(kKeptClasses, session->output_elements()));
    WantedSource source(work.items, work.wanted[model], stopped);
    PredictionSink sink([&](size_t position, Prediction&& one) { found(model, position, std::move(one)); });
    run_pipeline(pipeline, *session, source, sink, live);
  }
}

// Pictures: one decode feeds the executors of all models.
void predict_together(const PredictionWork& work, const PredictionSettings& settings, LiveCounters& live,
                      const std::atomic<bool>& stopped,
                      const std::function<void(size_t, size_t, Prediction&&)>& found) {
  std::vector<std::unique_ptr<Session>> sessions;
  int thread_count = settings.threads;
  for (const LoadedModel* model : work.models) {
    sessions.push_back(model->model->compile(session_options(*model, settings.threads)));
    thread_count = std::min(thread_count, sessions.back()->max_in_flight());  // each has one batch in flight
  }
  std::atomic<size_t> next{0};
  std::atomic<bool> broken{false};
  std::mutex mutex;
  std::exception_ptr first_failure;
  const auto report = [&](size_t model, size_t position, Prediction&& prediction) {
    if (prediction.error) ++live.failed;
    const std::lock_guard lock(mutex);
    found(model, position, std::move(prediction));
    ++live.items;
  };
  const auto decode_all = [&] {
    SharedDecode decode(work.models, sessions, settings.decode, settings.limits, live, report);
    std::vector<size_t> wanting;
    while (!stopped && !broken) {
      const size_t position = next++;
      if (position >= work.items.size()) break;
      wanting.clear();
      for (size_t model = 0; model < work.models.size(); ++model) {
        if (work.wanted[model][position]) wanting.push_back(model);
      }
      if (!wanting.empty()) decode.add(work.items[position].path, position, wanting);
    }
    decode.finish();
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) {
      threads.emplace_back([&] {
        try {
          decode_all();
        } catch (...) {
          broken = true;
          const std::lock_guard lock(mutex);
          if (!first_failure) first_failure = std::current_exception();
        }
      });
    }
  }
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace

std::string prediction_configuration(const LoadedModel& model, const Backend& backend, const std::string& rendition,
                                     const PredictionSettings& settings) {
  const DecodeLimits& limits = settings.limits;
  return "model " + model.hash + " input " + model.manifest.input_name + " output " + model.manifest.output_name +
         " engine " + backend.name() + " " + backend.version() + " batch " + std::to_string(kEvaluationBatch) +
         " rendition " + rendition + " decode " + to_string(settings.decode) + " graph " +
         to_text(model.manifest.preprocessing) + " limits " + std::to_string(limits.max_pixels) + " " +
         std::to_string(limits.max_file_bytes) + " " + std::to_string(limits.max_scans) + " " +
         std::to_string(limits.max_frames);
}

void predict(const PredictionWork& work, const PredictionSettings& settings, LiveCounters& live,
             const std::atomic<bool>& stopped,
             const std::function<void(size_t model, size_t position, Prediction&&)>& found) {
  const bool has_frames =
      std::any_of(work.items.begin(), work.items.end(), [](const Item& item) { return item.frame.has_value(); });
  if (has_frames) {
    predict_one_by_one(work, settings, live, stopped, found);
  } else {
    predict_together(work, settings, live, stopped, found);
  }
}

}  // namespace smol
