#include "smol/measure/prefix_rate.h"

#include <algorithm>

#include "smol/measure/looped_source.h"
#include "smol/measure/null_session.h"

namespace smol {
namespace {

class DroppingSink final : public RowSink {
 public:
  void add(Row&&) override {}
};

}  // namespace

PrefixRate measure_prefix(const PipelineSettings& settings, int64_t batch, const std::vector<ItemRun>& runs,
                          uint64_t passes) {
  // One output value: what choosing the best of a thousand costs is the sink's (sink_cost.h).
  NullSession nothing(batch, output_spec(settings.graph), settings.producers, 1);
  PipelineSettings without_answers = settings;
  without_answers.output = RowOutput::kLogits;
  LoopedSource source(runs, passes, 0);
  DroppingSink sink;
  LiveCounters live;
  const PipelineResult result = run_pipeline(without_answers, nothing, source, sink, live);
  const auto items = static_cast<double>(std::max<uint64_t>(1, live.items));
  const auto per_item = [&](int64_t ns) { return static_cast<double>(ns) * 1e-9 / items; };
  PrefixRate rate;
  rate.core_s_per_item = result.cpu_seconds / items;
  rate.read_s = per_item(result.times.read_ns);
  rate.decode_s = per_item(result.times.decode_ns);
  rate.preprocess_s = per_item(result.times.preprocess_ns);
  rate.read_wait_s = per_item(result.times.read_wait_ns);
  rate.items_per_s = items / result.wall_seconds;
  rate.items = live.items;
  rate.failed = live.failed;
  return rate;
}

}  // namespace smol
