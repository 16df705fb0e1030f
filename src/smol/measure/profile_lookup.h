// Finding in a profile what an estimate or a measurement is about: which demands are the same thing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "smol/engine/chunk_encoder.h"
#include "smol/engine/row.h"
#include "smol/infer/backend.h"
#include "smol/plan/profile.h"

namespace smol {

std::string name(RowFormat format);  // "parquet", "jsonl", "csv"
// What SinkDemand::output calls it: "top 5 of 1000", "1000 logits", "1280 embedding".
std::string sink_output_text(RowOutput output, int topk, int64_t output_elements);

// Null: not in it. The inputs have to be the same: of other pictures, a format costs something else.
const PrefixDemand* find_prefix(const Profile& profile, const InputFormat& format, const PreprocGraph& prefix,
                                const InputSizes& inputs);
// By model, backend, suffix, slot, batch and streams.
const ExecDemand* find_execution(const Profile& profile, const ExecDemand& like);
const SinkDemand* find_sink(const Profile& profile, const SinkDemand& like);

}  // namespace smol
