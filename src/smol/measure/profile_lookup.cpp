#include "smol/measure/profile_lookup.h"

namespace smol {

std::string name(RowFormat format) {
  switch (format) {
    case RowFormat::kParquet: return "parquet";
    case RowFormat::kJsonl: return "jsonl";
    case RowFormat::kCsv: return "csv";
  }
  return "parquet";
}

std::string sink_output_text(RowOutput output, int topk, int64_t output_elements) {
  const std::string elements = std::to_string(output_elements);
  switch (output) {
    case RowOutput::kTopK: return "top " + std::to_string(topk) + " of " + elements;
    case RowOutput::kLogits: return elements + " logits";
    case RowOutput::kEmbedding: return elements + " embedding";
  }
  return elements;
}

const PrefixDemand* find_prefix(const Profile& profile, const InputFormat& format, const PreprocGraph& prefix,
                                const InputSizes& inputs) {
  for (const PrefixDemand& demand : profile.prefixes) {
    if (demand.format == format && demand.prefix == prefix && demand.inputs == inputs) return &demand;
  }
  return nullptr;
}

const ExecDemand* find_execution(const Profile& profile, const ExecDemand& like) {
  for (const ExecDemand& demand : profile.executions) {
    if (demand.model_hash == like.model_hash && demand.backend == like.backend && demand.suffix == like.suffix &&
        demand.slot == like.slot && demand.batch == like.batch && demand.streams == like.streams) {
      return &demand;
    }
  }
  return nullptr;
}

const SinkDemand* find_sink(const Profile& profile, const SinkDemand& like) {
  for (const SinkDemand& demand : profile.sinks) {
    if (demand.format == like.format && demand.output == like.output) return &demand;
  }
  return nullptr;
}

}  // namespace smol
