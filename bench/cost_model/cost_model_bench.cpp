// Predicted and measured throughput of real plans (paper Table 4), for run.py.
//
//   cost_model_bench CASES.json     prints one JSON array, an object a plan
//
// Round after round, so that a drift of the machine's speed meets all alike: every prefix alone, every DNN alone,
// every plan end to end. Of the demands the smallest of the rounds counts, of the end-to-end rates the largest: what
// disturbs a run only makes it slower. Nothing is fitted: the estimates know what `smol profile` would, which is also
// what each DNN costs more beside decoding: measured with `probe` pictures, which are in none of the plans.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/engine/input_list.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/infer/manifest.h"
#include "smol/infer/simulated_device.h"
#include "smol/measure/contention.h"
#include "smol/measure/execution_rate.h"
#include "smol/measure/item_sample.h"
#include "smol/measure/pipeline_rate.h"
#include "smol/measure/prefix_rate.h"
#include "smol/measure/sink_cost.h"
#include "smol/plan/cost_model.h"

namespace smol {
namespace {

using nlohmann::json;

constexpr double kUnknown = std::numeric_limits<double>::infinity();
constexpr int64_t kPrefixBatch = 8;

// Decoding and preprocessing alone.
struct Prefix {
  std::vector<ItemRun> runs;
  PipelineSettings settings;
  PrefixRate rate;  // of the best round
};

// A DNN alone, on the cores or on a simulated device.
struct Execution {
  std::unique_ptr<Backend> backend;
  std::unique_ptr<Model> model;
  std::unique_ptr<Session> session;
  InputSpec slot;
  bool on_device = false;
  double core_s = kUnknown;
  double device_s = kUnknown;
  double sink_s = kUnknown;
  std::string probe;  // the prefix that it is run with to see what sharing the cores costs; empty: it has its own
  PipelineRate beside_probe;
};

struct Case {
  std::string name;
  std::string prefix;
  std::string execution;
  PipelineRate rate;  // of the best round
  double core_s = kUnknown;
  std::vector<double> rounds;
};

class Bench {
 public:
  explicit Bench(const json& cases)
      : cases_(cases), threads_(cpu_budget().cores), rounds_(cases["rounds"]), seconds_(cases["seconds"]) {
    for (const json& entry : cases_["plans"]) add(entry);
  }

  json run() {
    for (int round = 0; round < rounds_; ++round) {
      for (auto& [name, prefix] : prefixes_) measure(prefix);
      for (auto& [name, execution] : executions_) measure(execution);
      for (auto& [name, execution] : executions_) measure_beside_probe(execution);
      for (Case& one : plans_) measure(one);
      fmt::print(stderr, "round {} of {}\n", round + 1, rounds_);
    }
    json out = json::array();
    for (const Case& one : plans_) out.push_back(result_of(one));
    return out;
  }

 private:
  // Also reads every file once, so that no round finds a cold page cache.
  Prefix& prefix_of(const json& entry, const PreprocGraph& graph, const std::string& key) {
    if (prefixes_.contains(key)) return prefixes_.at(key);
    Prefix prefix;
    prefix.settings.graph = graph;
    prefix.settings.spec = parse_decode_spec(entry.value("decode", "full"));
    prefix.settings.producers = threads_;
    InputOptions inputs;
    inputs.source = entry["inputs"];
    inputs.regions = entry.value("regions", "");
    const TemporarySnapshot snapshot;
    snapshot_inputs(inputs, posix_file_system(), snapshot.path());
    prefix.runs = sample_runs(snapshot.path(), entry["items"], 1);
    prefix.rate = measure_prefix(prefix.settings, kPrefixBatch, prefix.runs);
    return prefixes_.emplace(key, std::move(prefix)).first->second;
  }

  void add(const json& entry) {
    const std::string path = entry["model"];
    const Manifest manifest = read_manifest(manifest_path(path));
    Case one;
    one.name = entry["name"];
    one.prefix = fmt::format("{} {} {} {}", entry["inputs"].get<std::string>(), entry.value("decode", "full"), path,
                             entry.value("regions", ""));
    const Prefix& prefix = prefix_of(entry, manifest.preprocessing, one.prefix);
    const int64_t batch = entry["batch"];
    one.execution = fmt::format("{} {}", path, batch);
    // A device that is so many times as fast as the cores are at preprocessing.
    const double device_speed = entry.value("device_speed", 0.0);
    SimulatedDeviceOptions device;
    if (device_speed > 0) {
      device.input = output_spec(manifest.preprocessing);
      device.output_elements = 1000;
      device.seconds_per_item = prefix.rate.core_s_per_item / threads_ / device_speed;
      one.execution += fmt::format(" {:.9f}", device.seconds_per_item);
    }
    if (!executions_.contains(one.execution)) {
      Execution execution;
      execution.on_device = device_speed > 0;
      execution.backend = execution.on_device ? make_simulated_device(device) : make_openvino_backend();
      execution.model = execution.backend->load(path, {manifest.input_name, manifest.output_name, {}});
      execution.slot = execution.model->input();
      SessionOptions options;
      options.streams = threads_;
      options.slot = execution.slot;
      options.batch_size = batch;
      execution.session = execution.model->compile(options);
      if (!execution.on_device) {
        execution.probe = "probe " + path;
        prefix_of(cases_["probe"], manifest.preprocessing, execution.probe);
      }
      executions_.emplace(one.execution, std::move(execution));
    }
    plans_.push_back(std::move(one));
  }

  void measure(Prefix& prefix) const {
    const double pass_s = static_cast<double>(count_items(prefix.runs)) * prefix.rate.core_s_per_item / threads_;
    const auto passes = std::max<uint64_t>(1, static_cast<uint64_t>(seconds_ / 3 / pass_s));
    const PrefixRate rate = measure_prefix(prefix.settings, kPrefixBatch, prefix.runs, passes);
    if (rate.failed > 0) throw Error(ErrorCode::kFailed, "a picture of the bench fails");
    if (rate.core_s_per_item < prefix.rate.core_s_per_item) prefix.rate = rate;
  }

  void measure(Execution& execution) const {
    const ExecutionRate rate = measure_execution(*execution.session, execution.slot, threads_, seconds_ / 3);
    execution.core_s = std::min(execution.core_s, rate.core_s_per_item);
    if (execution.on_device) execution.device_s = std::min(execution.device_s, 1 / rate.items_per_s);
    SinkCase sink;
    sink.schema.output_elements = execution.session->output_elements();
    execution.sink_s = std::min(execution.sink_s, measure_sink(sink));
  }

  PipelineRate run_together(const Prefix& prefix, Session& session) const {
    PipelineRun run;
    run.settings = prefix.settings;
    run.schema.output_elements = session.output_elements();
    run.seconds = seconds_;
    run.warm_up_s = seconds_ / 3;
    return measure_pipeline(run, session, prefix.runs);
  }

  void measure(Case& one) {
    const PipelineRate rate = run_together(prefixes_.at(one.prefix), *executions_.at(one.execution).session);
    if (rate.items_per_s > one.rate.items_per_s) one.rate = rate;
    one.core_s = std::min(one.core_s, rate.core_s_per_item);
    one.rounds.push_back(rate.items_per_s);
  }

  void measure_beside_probe(Execution& execution) const {
    if (execution.probe.empty()) return;
    const PipelineRate rate = run_together(prefixes_.at(execution.probe), *execution.session);
    if (rate.items_per_s > execution.beside_probe.items_per_s) execution.beside_probe = rate;
  }

  static StageCost cost_of(const Prefix& prefix, const Execution& execution) {
    StageCost cost;
    cost.preprocessing.cpu_core_s = prefix.rate.core_s_per_item;
    cost.execution.cpu_core_s = execution.core_s;
    cost.execution.device_s = execution.on_device ? execution.device_s : 0;
    cost.sink.cpu_core_s = execution.sink_s;
    return cost;
  }

  json result_of(const Case& one) const {
    const Prefix& prefix = prefixes_.at(one.prefix);
    const Execution& execution = executions_.at(one.execution);
    StageCost cost = cost_of(prefix, execution);
    if (!execution.probe.empty()) {
      cost.contention = contention(execution.beside_probe, cost_of(prefixes_.at(execution.probe), execution));
    }
    Capacities machine;
    machine.cores = threads_;
    machine.devices = execution.on_device ? 1 : 0;
    machine.producers = threads_;
    machine.streams = execution.on_device ? 0 : threads_;
    json estimates;
    for (const CostModel* model :
         {&resource_model(), &execution_only_model(), &no_overlap_model(), &paper_min_model()}) {
      estimates[std::string(model->name())] = model->items_per_s(std::span(&cost, 1), machine);
    }
    const PipelineRate& rate = one.rate;
    return {{"name", one.name},
            {"measured", rate.items_per_s},
            {"rounds", one.rounds},
            {"core_s", one.core_s},
            {"cores_busy", rate.cores_busy},
            {"others_busy", rate.others_busy},
            {"preprocessing", items_per_s(cost.preprocessing, machine)},
            {"execution", items_per_s(cost.execution, machine)},
            {"demands",
             {{"read_s", prefix.rate.read_s},
              {"decode_s", prefix.rate.decode_s},
              {"prefix_core_s", cost.preprocessing.cpu_core_s},
              {"execution_core_s", cost.execution.cpu_core_s},
              {"device_s", cost.execution.device_s},
              {"contention", cost.contention},
              {"sink_core_s", cost.sink.cpu_core_s}}},
            {"estimates", estimates}};
  }

  const json cases_;
  const int threads_;
  const int rounds_;
  const double seconds_;
  std::map<std::string, Execution> executions_;
  std::map<std::string, Prefix> prefixes_;
  std::vector<Case> plans_;
};

}  // namespace
}  // namespace smol

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw smol::Error(smol::ErrorCode::kUsage, "usage: cost_model_bench CASES.json");
    std::ifstream in(argv[1]);
    fmt::print("{}\n", smol::Bench(nlohmann::json::parse(in)).run().dump(1));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "cost_model_bench: {}\n", error.what());
    return 1;
  }
}
