// What a run did and what it cost: report.json and the table at its end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "smol/engine/stage_clock.h"
#include "smol/plan/quote.h"

namespace smol {

struct RunReport {
  std::string plan_id;
  std::string output;          // the run directory
  std::string backend;         // "openvino 2026.4.1"
  std::string preprocessing;   // the graph as it ran on the CPU, optimised
  std::string cut;             // what crosses to the model, and which operations follow there
  std::string cut_reason;      // why there
  std::string threads_reason;  // why so many producers and streams
  std::string batch_reason;    // "probed: 1: 61, 8: 63, 32: 60 items/s", "given", "as the run began with"
  int cores = 1;
  int producers = 1;
  int streams = 1;
  int64_t batch = 1;
  int slots = 0;
  size_t slot_bytes = 0;
  bool interrupted = false;

  uint64_t items = 0;  // of the whole run: rows committed, by this and by earlier invocations
  uint64_t failed = 0;
  uint64_t skipped = 0;  // files of the folder that are no images
  uint64_t unreadable_folders = 0;
  std::map<std::string, uint64_t> failed_by_code;

  uint64_t items_now = 0;      // by this invocation alone
  double startup_seconds = 0;  // listing inputs, loading, compiling and probing the model
  double wall_seconds = 0;     // first item asked for to last row durable
  double cpu_seconds = 0;
  uint64_t batches = 0;
  uint64_t padded_rows = 0;
  StageTimes times;
  std::optional<Quote> quote;  // of items_now items on as many cores; nothing: no `smol plan` made the plan

  double items_per_s() const { return wall_seconds > 0 ? static_cast<double>(items_now) / wall_seconds : 0; }
};

// Which stage bounds the run, and the reason in words: "decode", "71 % of the core time (1.96 of 2 cores busy)".
struct Bottleneck {
  std::string stage;
  std::string reason;
};
Bottleneck bottleneck(const RunReport& report);

std::string to_json(const RunReport& report);
std::string to_table(const RunReport& report);

}  // namespace smol
