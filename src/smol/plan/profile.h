// What each stage needs on one machine, measured once (`smol profile`): the data that all plans are estimated from.
//
// For one stage the demand of an item is prefix (read + decode + CPU graph) + execution (DNN with its in-graph
// suffix)
// + sink. Seconds are per item: thread CPU time for cores, busy time for devices.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "smol/base/geometry.h"
#include "smol/base/tensor.h"
#include "smol/plan/input_format.h"
#include "smol/plan/resource_demand.h"
#include "smol/preproc/graph.h"

namespace smol {

// Core-seconds (device-seconds) per item over the repetitions. Estimates use the best: what disturbs a run only adds.
struct Spread {
  double best = 0;
  double median = 0;
  double worst = 0;
  int repetitions = 0;
  bool operator==(const Spread&) const = default;
};

// Which pictures a prefix was measured on: of other sizes it would cost something else.
struct InputSizes {
  int64_t items = 0;
  Size smallest;  // by pixels, as stored
  Size median;
  Size largest;
  double mean_bytes = 0;  // of a file
  bool operator==(const InputSizes&) const = default;
};

struct PrefixDemand {
  InputFormat format;
  PreprocGraph prefix;  // the operations on the CPU
  double read_s = 0;    // core-seconds
  double decode_s = 0;
  double preprocess_s = 0;
  double bytes_read = 0;
  Spread core_s;  // of the three together
  InputSizes inputs;
  bool operator==(const PrefixDemand&) const = default;
};

struct ExecDemand {
  std::string model_hash;
  std::string backend;
  PreprocGraph suffix;  // the operations in the inference engine; empty: none
  InputSpec slot;
  int64_t batch = 1;
  int streams = 1;
  double core_s = 0;
  double device_s = 0;
  double bytes_copied = 0;
  Spread spread;  // of the larger one of core_s and device_s
  // Measured share by which core_s grows while decoding takes turns with this DNN on the cores; 0: none, or not
  // measured.
  double contention = 0;
  bool operator==(const ExecDemand&) const = default;
};

struct SinkDemand {
  std::string format;  // parquet | jsonl | csv
  std::string output;  // topk | logits | embedding
  double core_s = 0;
  Spread spread;
  bool operator==(const SinkDemand&) const = default;
};

// A plan of one stage, run end to end: what an estimate is worth (paper §3.1).
struct PipelineMeasurement {
  std::string model_hash;
  InputFormat format;
  PreprocGraph prefix;  // the operations on the CPU
  std::string backend;
  int threads = 1;  // that prepare items
  int streams = 1;
  int64_t batch = 1;
  InputSizes inputs;
  double items_per_s = 0;  // of the best run, in the steady state
  Spread core_s;           // core-seconds per item
  bool operator==(const PipelineMeasurement&) const = default;
};

struct MachineIdentity {
  std::string cpu;   // model name
  double cores = 1;  // that affinity and cgroup quota allow
  double memory_bytes = 0;
  std::map<std::string, std::string> versions;  // smol, backends, kernel, ...
  bool operator==(const MachineIdentity&) const = default;
};

// The first thing in which measurements on the one do not hold on the other: "cpu A, here B"; empty: none.
std::string difference(const MachineIdentity& measured_on, const MachineIdentity& here);

struct Profile {
  MachineIdentity machine;
  Capacities capacities;
  std::vector<PrefixDemand> prefixes;
  std::vector<ExecDemand> executions;
  std::vector<SinkDemand> sinks;
  std::vector<PipelineMeasurement> pipelines;
  bool operator==(const Profile&) const = default;
};

std::string to_json(const Profile& profile);
// parse_profile(to_json(p), ...) == p. Throws Error(kUsage), one line: not JSON, another version, an unknown or
// missing key, a value out of range.
Profile parse_profile(std::string_view json, const std::string& where);

}  // namespace smol
