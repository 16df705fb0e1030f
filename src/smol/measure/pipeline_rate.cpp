#include "smol/measure/pipeline_rate.h"

#include <algorithm>
#include <optional>

#include "smol/measure/encoding_sink.h"
#include "smol/measure/item_sample.h"
#include "smol/measure/looped_source.h"
#include "smol/measure/machine_load.h"

namespace smol {
namespace {

struct Window {
  Arrival begin;
  Arrival end;
};

constexpr ptrdiff_t kLeastArrivals = 5;  // fewer say little about the time between two

// From the first batch after the warm-up to the last one before the source ended, cut back to whole passes if it
// holds at least one. Nothing: too few batches came.
std::optional<Window> steady_window(const std::vector<Arrival>& arrivals, int64_t warm_ns, int64_t ended_ns,
                                    uint64_t pass_items) {
  const auto first = std::find_if(arrivals.begin(), arrivals.end(),
                                  [&](const Arrival& arrival) { return arrival.wall_ns >= warm_ns; });
  auto last = std::find_if(first, arrivals.end(), [&](const Arrival& arrival) { return arrival.wall_ns > ended_ns; });
  if (last - first < kLeastArrivals) return std::nullopt;
  --last;
  const uint64_t items = last->items_before - first->items_before;
  if (items >= pass_items) {
    const uint64_t whole = items / pass_items * pass_items;
    while (last - 1 != first && (last - 1)->items_before - first->items_before >= whole) --last;
  }
  return Window{*first, *last};
}

}  // namespace

PipelineRate measure_pipeline(const PipelineRun& run, Session& session, const std::vector<ItemRun>& runs) {
  LoopedSource source(runs, run.passes, run.warm_up_s + run.seconds);
  EncodingSink sink(run.format, run.schema);
  LiveCounters live;
  const MachineLoad before = machine_load();
  PipelineRate rate;
  rate.whole = run_pipeline(run.settings, session, source, sink, live);
  rate.others_busy = others_busy_cores(before, machine_load());
  rate.items = live.items;
  rate.failed = live.failed;
  const int64_t warm_ns = source.started_ns() + static_cast<int64_t>(run.warm_up_s * 1e9);
  const std::optional<Window> window = steady_window(sink.arrivals(), warm_ns, source.ended_ns(), count_items(runs));
  if (window) {
    const auto items = static_cast<double>(window->end.items_before - window->begin.items_before);
    rate.steady_seconds = static_cast<double>(window->end.wall_ns - window->begin.wall_ns) * 1e-9;
    rate.items_per_s = items / rate.steady_seconds;
    rate.core_s_per_item = static_cast<double>(window->end.cpu_ns - window->begin.cpu_ns) * 1e-9 / items;
  } else {
    // Batches are slow to fill, so the DNN is not what holds the items up, and start and drain are short.
    rate.steady_seconds = rate.whole.wall_seconds;
    rate.items_per_s = static_cast<double>(rate.items) / rate.whole.wall_seconds;
    rate.core_s_per_item = rate.whole.cpu_seconds / static_cast<double>(std::max<uint64_t>(1, rate.items));
  }
  rate.cores_busy = rate.items_per_s * rate.core_s_per_item;
  return rate;
}

}  // namespace smol
