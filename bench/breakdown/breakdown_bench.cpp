// Where the time of a workload goes, and what each of the engine's means gives, for `make bench-breakdown`. Each
// command prints one JSON object.
//
//   breakdown_bench operations FOLDER MODEL [LIMIT]        ms of one core an item, of the graph as written, operation
//   by
//                                                          operation (Figure 1), and of smol's own stages
//   breakdown_bench written FOLDER MODEL SECONDS           items/s of the graph as written behind full decodes, in
//                                                          smol's pipeline: the naive plan of `make demo-plan`
//   breakdown_bench rules FOLDER MODEL SECONDS ROUNDS      the same for each rule of the optimiser, without fusion: a
//                                                          pass for each operation of the graph that is chosen
//   breakdown_bench means FOLDER MODEL SECONDS ROUNDS      items/s with all means, without each in turn (Figures 5
//   and
//                                                          7), and with each added in turn (Figures 6 and 8)
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "smol/base/clock.h"
#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/engine/batch_probe.h"
#include "smol/infer/manifest.h"
#include "smol/measure/pipeline_rate.h"
#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/pass_executor.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

constexpr int64_t kBatch = 8;

template <typename T>
T checked(Result<T> result, const std::string& what) {
  if (!result.ok()) throw Error(ErrorCode::kFailed, what + ": " + result.error().message);
  return std::move(*result);
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

class Workload {
 public:
  Workload(const std::string& folder, const std::string& model_path)
      : manifest_(read_manifest(manifest_path(model_path))), backend_(make_backend("openvino")) {
    model_ = backend_->load(model_path, {manifest_.input_name, manifest_.output_name, {}});
    for (const std::string& file : files_in(folder)) {
      Item& item = runs_.emplace_back().append();
      item.path = item.id = file;
    }
  }

  const PreprocGraph& graph() const { return manifest_.preprocessing; }
  const std::vector<ItemRun>& runs() const { return runs_; }
  InputSpec slot() const { return model_->input(); }

  // Compiled once for each number of streams and batch size.
  Session& session(int streams, int64_t batch) {
    std::unique_ptr<Session>& session = sessions_[{streams, batch}];
    if (!session) {
      SessionOptions options;
      options.batch_size = batch;
      options.streams = streams;
      options.slot = slot();
      session = model_->compile(options);
    }
    return *session;
  }

  PipelineRate rate(const PreprocGraph& graph, const EngineMeans& means, int threads, int64_t batch, double seconds) {
    PipelineRun run;
    run.settings.graph = graph;
    run.settings.producers = threads;
    run.settings.topk = 1;
    run.settings.means = means;
    run.schema.topk = 1;
    run.seconds = seconds;
    run.passes = 0;
    run.warm_up_s = 0.3;
    const PipelineRate rate = measure_pipeline(run, session(threads, batch), runs_);
    if (rate.failed > 0) throw Error(ErrorCode::kFailed, "a picture of the bench failed");
    return rate;
  }

 private:
  Manifest manifest_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Model> model_;
  std::vector<ItemRun> runs_;
  std::map<std::pair<int, int64_t>, std::unique_ptr<Session>> sessions_;
};

std::string first_word(const PreprocOp& op) {
  const std::string text = to_text(PreprocGraph{{op}});
  return text.substr(0, text.find_first_of(" ("));
}

void operations(Workload& workload, size_t limit) {
  PassExecutor passes(workload.graph());
  const InputSpec output = output_spec(workload.graph());
  AlignedBuffer row(output.item_bytes());
  FileReader reader;
  DecoderSet decoders;
  Image picture;
  int64_t decode_ns = 0;
  size_t items = 0;
  std::vector<int64_t> operation_ns(workload.graph().ops.size());
  for (const ItemRun& run : workload.runs()) {
    if (limit > 0 && items == limit) break;
    const std::string& file = run.first().path;
    const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
    const TensorView out{output.dtype, output.item_shape(), row.data()};
    if (items == 0) {  // memory and tables
      checked(decode_image(*checked(decoders.decoder_for(bytes), file), bytes, {}, {}, picture), file);
      passes.run(std::as_const(picture).view(), Orientation::kUpright, out);
    }
    const int64_t start = thread_cpu_ns();
    Decoder& decoder = *checked(decoders.decoder_for(bytes), file);
    const ImageInfo info = checked(decoder.inspect(bytes), file);
    checked(decode_image(decoder, bytes, {}, {}, picture), file);
    decode_ns += thread_cpu_ns() - start;
    passes.run(std::as_const(picture).view(), info.orientation, out);
    for (size_t i = 0; i < operation_ns.size(); ++i) operation_ns[i] += passes.operation_ns()[i];
    ++items;
  }
  const auto ms = [&](int64_t ns) { return static_cast<double>(ns) * 1e-6 / static_cast<double>(items); };
  fmt::print("{{\"as written\": {{\"decode\": {:.4f}", ms(decode_ns));
  for (size_t i = 0; i < operation_ns.size(); ++i) {
    fmt::print(", \"{}\": {:.4f}", first_word(workload.graph().ops[i]), ms(operation_ns[i]));
  }
  constexpr double kSeconds = 1.5;
  const int64_t cpu_start = process_cpu_ns();
  const double inferred = kSeconds * measure_items_per_s(workload.session(1, kBatch), workload.slot(), kSeconds);
  const double infer_ms = static_cast<double>(process_cpu_ns() - cpu_start) * 1e-6 / inferred;
  const PipelineRate own = workload.rate(workload.graph(), {}, cpu_budget().cores, kBatch, 3);
  const auto own_ms = [&](int64_t ns) { return static_cast<double>(ns) * 1e-6 / static_cast<double>(own.items); };
  const StageTimes& times = own.whole.times;
  fmt::print(
      ", \"infer\": {:.4f}}}, \"smol\": {{\"read\": {:.4f}, \"decode\": {:.4f}, \"preprocess\": {:.4f}, "
      "\"infer\": {:.4f}, \"rows\": {:.4f}}}}}\n",
      infer_ms, own_ms(times.read_ns), own_ms(times.decode_ns), own_ms(times.preprocess_ns), own_ms(times.infer_ns),
      own_ms(times.sink_ns));
}

// A point between nothing and everything.
struct Configuration {
  std::string table;
  std::string name;
  PreprocGraph graph;
  bool threading = true;  // off: one producer and one inference stream
  bool batching = true;   // off: batches of one
  EngineMeans means = {};
  std::vector<double> items_per_s = {};
};

// In the order in which the factor table adds them.
struct Switch {
  const char* name;
  void (*set)(Configuration&, bool);
};
constexpr Switch kSwitches[] = {
    {"threading", [](Configuration& c, bool on) { c.threading = on; }},
    {"batching", [](Configuration& c, bool on) { c.batching = on; }},
    {"buffer reuse", [](Configuration& c, bool on) { c.means.buffer_reuse = on; }},
    {"over-allocation", [](Configuration& c, bool on) { c.means.over_allocation = on; }},
    {"fusion", [](Configuration& c, bool on) { c.means.fusion = on; }},
    {"crop in decoder", [](Configuration& c, bool on) { c.means.crop_in_decoder = on; }},
};

std::vector<Configuration> with_means(const PreprocGraph& graph) {
  std::vector<Configuration> all{{"lesion", "all", graph}};
  for (const Switch& each : kSwitches) {
    Configuration& without = all.emplace_back(Configuration{"lesion", std::string("without ") + each.name, graph});
    each.set(without, false);
  }
  Configuration so_far{"factor", "none", graph};
  for (const Switch& each : kSwitches) each.set(so_far, false);
  all.push_back(so_far);
  for (const Switch& each : kSwitches) {
    each.set(so_far, true);
    so_far.name = std::string("+ ") + each.name;
    all.push_back(so_far);
  }
  return all;
}

// Of pictures of one size: that of the first one.
std::vector<Configuration> with_rules(const PreprocGraph& graph, Size source) {
  std::vector<std::string> disabled;
  const auto add = [&](std::vector<Configuration>& all, const char* table, const std::string& name) {
    OptimiserOptions options;
    options.disabled = disabled;
    all.push_back({table, name, optimise(graph, {source}, options).best()});
    all.back().means.fusion = false;
  };
  std::vector<Configuration> all;
  add(all, "lesion", "all rules");
  for (const Rule& rule : all_rules()) {
    disabled = {std::string(rule.name)};
    add(all, "lesion", "without " + disabled.front());
  }
  disabled.clear();
  for (const Rule& rule : all_rules()) disabled.emplace_back(rule.name);
  add(all, "factor", "none: as written");
  for (const Rule& rule : all_rules()) {
    disabled.erase(disabled.begin());
    add(all, "factor", "+ " + std::string(rule.name));
  }
  all.push_back({"factor", "+ fusion", graph});
  return all;
}

void measure(Workload& workload, std::vector<Configuration> all, double seconds, int rounds) {
  const int cores = cpu_budget().cores;
  for (int round = 0; round < rounds; ++round) {
    for (Configuration& each : all) {
      const PipelineRate rate =
          workload.rate(each.graph, each.means, each.threading ? cores : 1, each.batching ? kBatch : 1, seconds);
      each.items_per_s.push_back(rate.items_per_s);
    }
  }
  std::string text;
  for (Configuration& each : all) {
    std::sort(each.items_per_s.begin(), each.items_per_s.end());
    text += fmt::format("{}{{\"table\": \"{}\", \"name\": \"{}\", \"best\": {:.2f}, \"median\": {:.2f}}}",
                        text.empty() ? "" : ", ", each.table, each.name, each.items_per_s.back(),
                        each.items_per_s[each.items_per_s.size() / 2]);
  }
  fmt::print("[{}]\n", text);
}

// The better of batches of 1 and 8; rows are encoded and dropped.
void written(Workload& workload, double seconds) {
  EngineMeans means;
  means.fusion = means.crop_in_decoder = false;
  double best = 0;
  for (const int64_t batch : {int64_t{1}, kBatch}) {
    const PipelineRate rate = workload.rate(workload.graph(), means, cpu_budget().cores, batch, seconds);
    best = std::max(best, rate.items_per_s);
  }
  fmt::print("{{\"items_per_s\": {:.3f}}}\n", best);
}

Size first_size(const Workload& workload) {
  FileReader reader;
  DecoderSet decoders;
  const std::string& file = workload.runs().front().first().path;
  const auto bytes = checked(reader.read(file, int64_t{1} << 30), file);
  return checked(checked(decoders.decoder_for(bytes), file)->inspect(bytes), file).displayed();
}

int run(const std::vector<std::string>& words) {
  if (words.size() >= 3 && words[0] == "operations") {
    Workload workload(words[1], words[2]);
    operations(workload, words.size() > 3 ? std::stoul(words[3]) : 0);
  } else if (words.size() == 4 && words[0] == "written") {
    Workload workload(words[1], words[2]);
    written(workload, std::stod(words[3]));
  } else if (words.size() == 5 && (words[0] == "means" || words[0] == "rules")) {
    Workload workload(words[1], words[2]);
    const PreprocGraph& graph = workload.graph();
    measure(workload, words[0] == "means" ? with_means(graph) : with_rules(graph, first_size(workload)),
            std::stod(words[3]), std::stoi(words[4]));
  } else {
    fmt::print(stderr,
               "usage: breakdown_bench operations FOLDER MODEL [LIMIT] | written FOLDER MODEL SECONDS | rules|means "
               "FOLDER MODEL SECONDS ROUNDS\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace smol

int main(int argc, char** argv) {
  try {
    return smol::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "breakdown_bench: {}\n", error.what());
    return 1;
  }
}
