// What each stage of a run costs: busy CPU time and waiting, summed over threads.
#pragma once

#include <cstdint>

namespace smol {

struct StageTimes {
  int64_t read_ns = 0;         // CPU: open and read the file
  int64_t decode_ns = 0;       // CPU: headers and pixels
  int64_t preprocess_ns = 0;   // CPU: resize to batch slot
  int64_t infer_ns = 0;        // CPU: everything of the process that is not one of the other stages, so the DNN
  int64_t sink_ns = 0;         // CPU: top-k, rows, encoding, writing
  int64_t read_wait_ns = 0;    // producers' wall time in reading, less its CPU time: the disk
  int64_t slot_wait_ns = 0;    // producers waiting for a free batch slot: the DNN is behind
  int64_t source_wait_ns = 0;  // producers waiting for the next item: the sink is behind
  int64_t device_idle_ns = 0;  // consumer waiting with nothing in flight: the producers are behind

  StageTimes& operator+=(const StageTimes& other) {
    read_ns += other.read_ns;
    decode_ns += other.decode_ns;
    preprocess_ns += other.preprocess_ns;
    infer_ns += other.infer_ns;
    sink_ns += other.sink_ns;
    read_wait_ns += other.read_wait_ns;
    slot_wait_ns += other.slot_wait_ns;
    source_wait_ns += other.source_wait_ns;
    device_idle_ns += other.device_idle_ns;
    return *this;
  }
  int64_t busy_ns() const { return read_ns + decode_ns + preprocess_ns + infer_ns + sink_ns; }
};

}  // namespace smol
