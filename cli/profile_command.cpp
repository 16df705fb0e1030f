#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <string>

#include "commands.h"
#include "measured_profile.h"
#include "smol/measure/profile_lookup.h"
#include "smol/preproc/cut.h"

namespace smol::cli {
namespace {

std::string spread_text(const Spread& spread) {
  return fmt::format("{:.3f} .. {:.3f} in {}", 1e3 * spread.best, 1e3 * spread.worst, spread.repetitions);
}

const InputSizes& sizes_of(const MeasuredProfile& measured, const std::string& rendition) {
  for (const SurveyedRendition& surveyed : measured.survey.renditions) {
    if (surveyed.name == rendition) return surveyed.sizes;
  }
  return measured.survey.renditions.front().sizes;  // not reached: formats were checked
}

std::string prefix_lines(const MeasuredProfile& measured) {
  std::string text = fmt::format("{:<20} {:<22} {:>8} {:>8} {:>8} {:>10}   core milliseconds an item\n",
                                 "input format", "model", "read", "decode", "preproc", "items/s");
  for (const LoadedModel& model : measured.models) {
    const PreprocGraph& graph = model.manifest.preprocessing;
    for (const InputFormat& format : measured.formats) {
      const PrefixDemand* demand =
          find_prefix(measured.outcome.profile, format, graph, sizes_of(measured, format.rendition));
      if (demand == nullptr) continue;
      fmt::format_to(std::back_inserter(text), "{:<20} {:<22} {:8.3f} {:8.3f} {:8.3f} {:10.1f}   {}\n",
                     to_string(format), model.manifest.name, 1e3 * demand->read_s, 1e3 * demand->decode_s,
                     1e3 * demand->preprocess_s, measured.outcome.profile.machine.cores / demand->core_s.best,
                     spread_text(demand->core_s));
    }
  }
  return text;
}

std::string execution_lines(const MeasuredProfile& measured) {
  const Profile& profile = measured.outcome.profile;
  std::string text =
      fmt::format("{:<22} {:>5} {:>8} {:>8} {:>10}   cut\n", "model", "batch", "core ms", "device", "items/s");
  for (const LoadedModel& model : measured.models) {
    for (const ExecDemand& demand : profile.executions) {
      if (demand.model_hash != model.hash || demand.backend != measured.backend->name()) continue;
      const double items_per_s =
          demand.device_s > 0 ? 1 / demand.device_s : profile.machine.cores / std::max(1e-9, demand.core_s);
      fmt::format_to(std::back_inserter(text), "{:<22} {:5} {:8.3f} {:8.3f} {:10.1f}   {} {} {}x{}{}\n",
                     model.manifest.name, demand.batch, 1e3 * demand.core_s, 1e3 * demand.device_s, items_per_s,
                     name(demand.slot.dtype), name(demand.slot.layout), demand.slot.height, demand.slot.width,
                     demand.suffix.ops.empty() ? ", all on the CPU" : ", then " + to_text(demand.suffix));
    }
  }
  return text;
}

std::string sink_lines(const MeasuredProfile& measured) {
  std::string text;
  for (const SinkDemand& demand : measured.outcome.profile.sinks) {
    fmt::format_to(std::back_inserter(text), "rows as {}, {}: {:.1f} core microseconds\n", demand.format,
                   demand.output, 1e6 * demand.core_s);
  }
  return text;
}

}  // namespace

int profile_command(const ProfileArguments& arguments) {
  const MeasuredProfile measured = measure_profile(arguments.measuring);
  if (arguments.json) {
    fmt::print("{}", to_json(measured.outcome.profile));
    return 0;
  }
  fmt::print("{}\n{}\n{}\n{} figures measured, {} known already: {}\n", prefix_lines(measured),
             execution_lines(measured), sink_lines(measured), measured.outcome.measured, measured.outcome.known,
             measured.file.string());
  return 0;
}

}  // namespace smol::cli
