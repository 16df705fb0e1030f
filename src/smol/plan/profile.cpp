#include "smol/plan/profile.h"

#include <fmt/format.h>

#include "smol/base/error.h"
#include "smol/base/json_object.h"
#include "smol/infer/manifest.h"

namespace smol {
namespace {

constexpr int kVersion = 1;
constexpr int64_t kLarge = int64_t{1} << 40;

Json graph_json(const PreprocGraph& graph) { return Json::parse(to_json(graph)); }
PreprocGraph graph_at(const ObjectReader& object, const char* key) {
  return parse_operations(object.at(key).dump(), object.place(key));
}

Json format_json(const InputFormat& format) {
  return {{"rendition", format.rendition}, {"decode", to_string(format.decode)}};
}
InputFormat parse_format(const ObjectReader& object) {
  InputFormat format;
  format.rendition = object.text("rendition");
  if (format.rendition.empty()) object.wrong("rendition", "must not be empty", object.at("rendition"));
  format.decode = parse_decode_spec(object.text("decode"));
  return format;
}

Json spread_json(const Spread& spread) {
  return {
      {"best", spread.best}, {"median", spread.median}, {"worst", spread.worst}, {"repetitions", spread.repetitions}};
}
Spread parse_spread(const ObjectReader& object) {
  object.allow_only({"best", "median", "worst", "repetitions"});
  return {object.not_negative("best"), object.not_negative("median"), object.not_negative("worst"),
          static_cast<int>(object.whole("repetitions", 0, INT32_MAX))};
}

Json size_json(Size size) { return Json::array({size.height, size.width}); }
Size parse_size(const ObjectReader& object, const char* key) {
  const Json& value = object.list(key);
  const auto is_side = [](const Json& side) {
    return side.is_number_unsigned() && side.get<uint64_t>() <= INT32_MAX;
  };
  if (value.size() != 2 || !is_side(value[0]) || !is_side(value[1])) {
    object.wrong(key, "must be [height, width]", value);
  }
  return {value[0].get<int>(), value[1].get<int>()};
}

Json inputs_json(const InputSizes& inputs) {
  return {{"items", inputs.items},
          {"smallest", size_json(inputs.smallest)},
          {"median", size_json(inputs.median)},
          {"largest", size_json(inputs.largest)},
          {"mean_bytes", inputs.mean_bytes}};
}
InputSizes parse_inputs(const ObjectReader& object) {
  object.allow_only({"items", "smallest", "median", "largest", "mean_bytes"});
  return {object.whole("items", 0, kLarge), parse_size(object, "smallest"), parse_size(object, "median"),
          parse_size(object, "largest"), object.not_negative("mean_bytes")};
}

Json slot_json(const InputSpec& slot) {
  return {{"dtype", name(slot.dtype)},
          {"layout", name(slot.layout)},
          {"height", slot.height},
          {"width", slot.width},
          {"channels", slot.channels}};
}
InputSpec parse_slot(const ObjectReader& object) {
  object.allow_only({"dtype", "layout", "height", "width", "channels"});
  InputSpec slot;
  slot.dtype = object.choice<DType>("dtype", {{"u8", DType::kU8}, {"f32", DType::kF32}});
  slot.layout = object.choice<Layout>("layout", {{"HWC", Layout::kHWC}, {"CHW", Layout::kCHW}});
  slot.height = object.side("height");
  slot.width = object.side("width");
  slot.channels = static_cast<int>(object.whole("channels", 1, 4));
  return slot;
}

Json prefix_json(const PrefixDemand& prefix) {
  Json json = format_json(prefix.format);
  json["prefix"] = graph_json(prefix.prefix);
  json["read_s"] = prefix.read_s;
  json["decode_s"] = prefix.decode_s;
  json["preprocess_s"] = prefix.preprocess_s;
  json["bytes_read"] = prefix.bytes_read;
  json["core_s"] = spread_json(prefix.core_s);
  json["inputs"] = inputs_json(prefix.inputs);
  return json;
}
PrefixDemand parse_prefix(const ObjectReader& object) {
  object.allow_only(
      {"rendition", "decode", "prefix", "read_s", "decode_s", "preprocess_s", "bytes_read", "core_s", "inputs"});
  PrefixDemand prefix;
  prefix.format = parse_format(object);
  prefix.prefix = graph_at(object, "prefix");
  prefix.read_s = object.not_negative("read_s");
  prefix.decode_s = object.not_negative("decode_s");
  prefix.preprocess_s = object.not_negative("preprocess_s");
  prefix.bytes_read = object.not_negative("bytes_read");
  prefix.core_s = parse_spread(object.object("core_s"));
  prefix.inputs = parse_inputs(object.object("inputs"));
  return prefix;
}

Json execution_json(const ExecDemand& execution) {
  return {{"model_hash", execution.model_hash},
          {"backend", execution.backend},
          {"suffix", graph_json(execution.suffix)},
          {"slot", slot_json(execution.slot)},
          {"batch", execution.batch},
          {"streams", execution.streams},
          {"core_s", execution.core_s},
          {"device_s", execution.device_s},
          {"bytes_copied", execution.bytes_copied},
          {"spread", spread_json(execution.spread)},
          {"contention", execution.contention}};
}
ExecDemand parse_execution(const ObjectReader& object) {
  object.allow_only({"model_hash", "backend", "suffix", "slot", "batch", "streams", "core_s", "device_s",
                     "bytes_copied", "spread", "contention"});
  ExecDemand execution;
  execution.model_hash = object.text("model_hash");
  execution.backend = object.text("backend");
  execution.suffix = graph_at(object, "suffix");
  execution.slot = parse_slot(object.object("slot"));
  execution.batch = object.whole("batch", 1, 4096);
  execution.streams = static_cast<int>(object.whole("streams", 1, 1024));
  execution.core_s = object.not_negative("core_s");
  execution.device_s = object.not_negative("device_s");
  execution.bytes_copied = object.not_negative("bytes_copied");
  execution.spread = parse_spread(object.object("spread"));
  execution.contention = object.not_negative("contention", 0);
  return execution;
}

Json sink_json(const SinkDemand& sink) {
  return {{"format", sink.format},
          {"output", sink.output},
          {"core_s", sink.core_s},
          {"spread", spread_json(sink.spread)}};
}
SinkDemand parse_sink(const ObjectReader& object) {
  object.allow_only({"format", "output", "core_s", "spread"});
  return {object.text("format"), object.text("output"), object.not_negative("core_s"),
          parse_spread(object.object("spread"))};
}

Json pipeline_json(const PipelineMeasurement& pipeline) {
  Json json = {{"model_hash", pipeline.model_hash}};
  json.update(format_json(pipeline.format));
  json["prefix"] = graph_json(pipeline.prefix);
  json["backend"] = pipeline.backend;
  json["threads"] = pipeline.threads;
  json["streams"] = pipeline.streams;
  json["batch"] = pipeline.batch;
  json["inputs"] = inputs_json(pipeline.inputs);
  json["items_per_s"] = pipeline.items_per_s;
  json["core_s"] = spread_json(pipeline.core_s);
  return json;
}
PipelineMeasurement parse_pipeline(const ObjectReader& object) {
  object.allow_only({"model_hash", "rendition", "decode", "prefix", "backend", "threads", "streams", "batch",
                     "inputs", "items_per_s", "core_s"});
  PipelineMeasurement pipeline;
  pipeline.model_hash = object.text("model_hash");
  pipeline.format = parse_format(object);
  pipeline.prefix = graph_at(object, "prefix");
  pipeline.backend = object.text("backend");
  pipeline.threads = static_cast<int>(object.whole("threads", 1, 1024));
  pipeline.streams = static_cast<int>(object.whole("streams", 1, 1024));
  pipeline.batch = object.whole("batch", 1, 4096);
  pipeline.inputs = parse_inputs(object.object("inputs"));
  pipeline.items_per_s = object.not_negative("items_per_s");
  pipeline.core_s = parse_spread(object.object("core_s"));
  return pipeline;
}

Json machine_json(const MachineIdentity& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_bytes", machine.memory_bytes},
          {"versions", machine.versions}};
}
MachineIdentity parse_machine(const ObjectReader& object) {
  object.allow_only({"cpu", "cores", "memory_bytes", "versions"});
  MachineIdentity machine;
  machine.cpu = object.text("cpu");
  machine.cores = object.not_negative("cores");
  machine.memory_bytes = object.not_negative("memory_bytes", 0);
  const ObjectReader versions = object.object("versions");
  for (const auto& [key, value] : versions.entries().items()) machine.versions[key] = versions.text(key.c_str());
  return machine;
}

Json capacities_json(const Capacities& capacities) {
  return {{"cores", capacities.cores},
          {"devices", capacities.devices},
          {"copy_bytes_per_s", capacities.copy_bytes_per_s},
          {"read_bytes_per_s", capacities.read_bytes_per_s}};
}
Capacities parse_capacities(const ObjectReader& object) {
  object.allow_only({"cores", "devices", "copy_bytes_per_s", "read_bytes_per_s"});
  return {object.not_negative("cores"), object.not_negative("devices"), object.not_negative("copy_bytes_per_s"),
          object.not_negative("read_bytes_per_s")};
}

template <typename T, typename ToJson>
Json list_json(const std::vector<T>& values, ToJson to_json_of) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json_of(value));
  return list;
}

template <typename T, typename Parse>
std::vector<T> parse_list(const ObjectReader& object, const char* key, Parse parse) {
  std::vector<T> values;
  const Json& list = object.list(key);
  for (size_t i = 0; i < list.size(); ++i) {
    values.push_back(parse(ObjectReader(list[i], fmt::format("{}[{}]", object.place(key), i))));
  }
  return values;
}

}  // namespace

std::string difference(const MachineIdentity& measured_on, const MachineIdentity& here) {
  if (measured_on.cpu != here.cpu) return fmt::format("cpu {}, here {}", measured_on.cpu, here.cpu);
  if (measured_on.cores != here.cores) return fmt::format("{} cores, here {}", measured_on.cores, here.cores);
  for (const auto& [name, version] : here.versions) {
    const auto old = measured_on.versions.find(name);
    if (old == measured_on.versions.end()) return fmt::format("no {}, here {}", name, version);
    if (old->second != version) return fmt::format("{} {}, here {}", name, old->second, version);
  }
  for (const auto& [name, version] : measured_on.versions) {
    if (!here.versions.contains(name)) return fmt::format("{} {}, here none", name, version);
  }
  return {};
}

std::string to_json(const Profile& profile) {
  return readable_text({{"smol_profile", kVersion},
                        {"machine", machine_json(profile.machine)},
                        {"capacities", capacities_json(profile.capacities)},
                        {"prefixes", list_json(profile.prefixes, prefix_json)},
                        {"executions", list_json(profile.executions, execution_json)},
                        {"sinks", list_json(profile.sinks, sink_json)},
                        {"pipelines", list_json(profile.pipelines, pipeline_json)}});
}

Profile parse_profile(std::string_view text, const std::string& where) {
  const Json json = parse_json(text, where);
  const ObjectReader object(json, where);
  if (object.at("smol_profile") != kVersion) {
    object.wrong("smol_profile", "must be 1 (run `smol profile` again)", object.at("smol_profile"));
  }
  object.allow_only({"smol_profile", "machine", "capacities", "prefixes", "executions", "sinks", "pipelines"});
  Profile profile;
  profile.machine = parse_machine(object.object("machine"));
  profile.capacities = parse_capacities(object.object("capacities"));
  profile.prefixes = parse_list<PrefixDemand>(object, "prefixes", parse_prefix);
  profile.executions = parse_list<ExecDemand>(object, "executions", parse_execution);
  profile.sinks = parse_list<SinkDemand>(object, "sinks", parse_sink);
  profile.pipelines = parse_list<PipelineMeasurement>(object, "pipelines", parse_pipeline);
  return profile;
}

}  // namespace smol
