#include "smol/engine/pipeline.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "smol/base/clock.h"
#include "smol/engine/answer_rows.h"
#include "smol/engine/batch_ring.h"
#include "smol/engine/producer.h"
#include "smol/preproc/optimiser.h"

namespace smol {
namespace {

// Counts rows on their way to the real sink.
class CountingSink final : public RowSink {
 public:
  CountingSink(RowSink& next, LiveCounters& live) : next_(next), live_(live) {}
  void add(Row&& row) override {
    const bool ok = row.ok;
    next_.add(std::move(row));
    if (!ok) live_.failed.fetch_add(1, std::memory_order_relaxed);
    live_.items.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  RowSink& next_;
  LiveCounters& live_;
};

// Keeps the first exception of any thread and stops the others.
class FirstFailure {
 public:
  FirstFailure(BatchRing& ring, ItemSource& source) : ring_(ring), source_(source) {}

  template <typename Work>
  void guard(Work&& work) noexcept {
    try {
      work();
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        if (!first_) first_ = std::current_exception();
      }
      source_.stop();
      ring_.abort();
    }
  }
  void rethrow() {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  BatchRing& ring_;
  ItemSource& source_;
  std::mutex mutex_;
  std::exception_ptr first_;
};

bool produce(const PipelineSettings& settings, Producer& producer, const ItemRun& run, BatchRing& ring,
             RowSink& sink) {
  if (settings.means.buffer_reuse) return producer.produce(run, ring, sink);
  Producer fresh(settings.graph, settings.spec, settings.limits, settings.formats, settings.uniform_input,
                 settings.means);
  const bool goes_on = fresh.produce(run, ring, sink);
  producer.times() += fresh.times();
  return goes_on;
}

void produce_all(const PipelineSettings& settings, Producer& producer, ItemSource& source, BatchRing& ring,
                 RowSink& sink, LiveCounters& live) {
  ItemRun run;
  while (true) {
    const int64_t asked = wall_ns();
    ItemSource::Next next = source.next(run);
    while (next == ItemSource::Next::kWait) {
      ring.pad_open_batch();  // the rows waited for may sit in a batch that nobody else would fill
      source.wait();
      next = source.next(run);
    }
    const int64_t waited_ns = wall_ns() - asked;
    producer.times().source_wait_ns += waited_ns;
    live.source_wait_ns.fetch_add(waited_ns, std::memory_order_relaxed);
    if (next == ItemSource::Next::kEnd) return;
    const int64_t slot_wait_before = producer.times().slot_wait_ns;
    if (!produce(settings, producer, run, ring, sink)) return;
    live.slot_wait_ns.fetch_add(producer.times().slot_wait_ns - slot_wait_before, std::memory_order_relaxed);
  }
}

struct ConsumerTimes {
  int64_t cpu_ns = 0;
  int64_t device_idle_ns = 0;
  uint64_t batches = 0;
  uint64_t padded_rows = 0;
};

void start(Session& session, BatchRing& ring, BatchSlot& slot) {
  try {
    session.start(ring.batch_tensor(slot), slot.output,
                  [&ring, &slot](Status status) { ring.mark_done(slot, std::move(status)); });
  } catch (...) {
    ring.mark_done(slot, ItemError{ItemErrorCode::kInferenceFailed, "the batch could not be started"});
    throw;
  }
}

void allocate_anew(Session& session, BatchRing& ring, BatchSlot& slot) {
  slot.input = session.allocate_slot();
  const TensorView batch = ring.batch_tensor(slot);
  std::memset(batch.data, 0, batch.bytes());  // as the ring does it
}

ConsumerTimes consume_all(const PipelineSettings& settings, Session& session, BatchRing& ring, AnswerRows& answers,
                          RowSink& sink, LiveCounters& live) {
  ConsumerTimes times;
  int in_flight = 0;
  while (true) {
    BatchSlot* slot = nullptr;
    const int64_t asked = wall_ns();
    const BatchRing::Event event = ring.wait(in_flight < session.max_in_flight(), &slot);
    if (in_flight == 0) {
      const int64_t idle_ns = wall_ns() - asked;
      times.device_idle_ns += idle_ns;
      live.device_idle_ns.fetch_add(idle_ns, std::memory_order_relaxed);
    }
    if (event == BatchRing::Event::kEnd) break;
    if (event == BatchRing::Event::kReady) {
      ++in_flight;
      start(session, ring, *slot);
      continue;
    }
    --in_flight;
    ++times.batches;
    times.padded_rows += answers.emit(*slot, ring.batch_size(), sink);
    if (!settings.means.buffer_reuse) allocate_anew(session, ring, *slot);
    ring.release(*slot);
  }
  times.cpu_ns = thread_cpu_ns();
  return times;
}

// The graph as it is run. Operation by operation (for the bench), it is run as it is written.
PipelineSettings with_optimised_graph(PipelineSettings settings) {
  if (settings.means.fusion) settings.graph = optimise(settings.graph).best();
  return settings;
}

}  // namespace

int slots_needed(const Session& session, int producers) {
  const auto batch = static_cast<int>(session.batch_size());
  // Tickets are handed out in order, so p producers hold rows of at most ceil(p / batch) + 1 neighbouring batches.
  const int filling = (producers + batch - 1) / batch + 1;
  return session.max_in_flight() + filling + 2;
}

PipelineResult run_pipeline(const PipelineSettings& asked, Session& session, ItemSource& source, RowSink& sink,
                            LiveCounters& live) {
  const PipelineSettings settings = with_optimised_graph(asked);
  const InputSpec item = output_spec(settings.graph);
  const int slots =
      settings.means.over_allocation ? slots_needed(session, settings.producers) : session.max_in_flight();
  BatchRing ring(session, item, slots);
  CountingSink counted(sink, live);
  FirstFailure failure(ring, source);
  AnswerRows answers({settings.output, settings.topk, settings.softmax, session.output_elements()});

  std::deque<Producer> producers;  // a deque, because producers do not move
  for (int i = 0; i < settings.producers; ++i) {
    producers.emplace_back(settings.graph, settings.spec, settings.limits, settings.formats, settings.uniform_input,
                           settings.means);
  }

  const int64_t wall_start = wall_ns();
  const int64_t cpu_start = process_cpu_ns();
  ConsumerTimes consumed;
  {
    std::jthread consumer(
        [&] { failure.guard([&] { consumed = consume_all(settings, session, ring, answers, counted, live); }); });
    {
      std::vector<std::jthread> threads;
      // Guarded: without all its threads the run breaks, and those that were made must not wait for the others.
      failure.guard([&] {
        for (Producer& producer : producers) {
          threads.emplace_back(
              [&] { failure.guard([&] { produce_all(settings, producer, source, ring, counted, live); }); });
        }
      });
    }
    ring.close();
  }
  failure.rethrow();
  sink.finish();

  PipelineResult result;
  result.wall_seconds = static_cast<double>(wall_ns() - wall_start) * 1e-9;
  const int64_t cpu_ns = process_cpu_ns() - cpu_start;
  result.cpu_seconds = static_cast<double>(cpu_ns) * 1e-9;
  for (const Producer& producer : producers) result.times += producer.times();
  result.times.sink_ns = consumed.cpu_ns + sink.background_cpu_ns();
  result.times.device_idle_ns = consumed.device_idle_ns;
  result.times.infer_ns = std::max<int64_t>(0, cpu_ns - result.times.busy_ns());
  result.preprocessing = to_text(settings.graph);
  result.batches = consumed.batches;
  result.padded_rows = consumed.padded_rows;
  result.slot_bytes = ring.bytes();
  result.slots = ring.slots();
  return result;
}

}  // namespace smol
