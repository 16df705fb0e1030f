// What makes the engine fast, each with a switch: `make bench-breakdown` measures what is lost without it (paper
// §6.1, §6.2, Figures 5 to 8). All on in every run. The rest of what it switches off has settings of its own: threads
// and batch.
#pragma once

namespace smol {

struct EngineMeans {
  // One pass from strips to the batch slot. Off: operation by operation over whole pictures
  // (preproc/pass_executor.h), of single pictures; regions and frames stay fused.
  bool fusion = true;
  // The decoder transforms only what the crop needs. Off: the whole picture.
  bool crop_in_decoder = true;
  // Off: reader, decoders, executor and all their buffers are made anew for each run of items, and the memory of a
  // slot for each batch.
  bool buffer_reuse = true;
  // Off: as many slots as batches may be in flight, and none that could be filled meanwhile.
  bool over_allocation = true;
};

}  // namespace smol
