#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <deque>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <span>

#include "commands.h"
#include "smol/base/aligned_buffer.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"
#include "smol/infer/manifest.h"
#include "smol/preproc/graph_dag.h"
#include "smol/preproc/optimiser.h"
#include "smol/preproc/pass_executor.h"

namespace smol::cli {
namespace {

struct Explained {
  NamedGraph declared;
  OptimisedGraphs optimised;
  std::vector<std::optional<double>> measured_ms;  // of each alternative, if asked for
};

NamedGraph preset_of(const std::string& text) {
  const size_t colon = text.find(':');
  int side = 224;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, side);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      throw Error(ErrorCode::kUsage, "--preset is NAME:SIDE, as in imagenet:224: " + text);
    }
  }
  return {text, preset_graph(text.substr(0, colon), {side, side})};
}

std::vector<NamedGraph> graphs_of(const ExplainGraphArguments& arguments) {
  std::vector<NamedGraph> graphs;
  for (const std::filesystem::path& file : arguments.manifests) {
    const Manifest manifest = read_manifest(file);
    graphs.push_back({manifest.name.empty() ? file.stem().string() : manifest.name, manifest.preprocessing});
  }
  for (const std::string& preset : arguments.presets) graphs.push_back(preset_of(preset));
  if (graphs.empty()) {
    throw Error(ErrorCode::kUsage, "name a manifest or --preset imagenet|tf|raw (see `smol explain graph --help`)");
  }
  return graphs;
}

// What a scaled decode hands over.
Size decoded_size(const ExplainGraphArguments& arguments) {
  const auto scaled = [&](int side) {
    return (side + arguments.scale_denominator - 1) / arguments.scale_denominator;
  };
  return {scaled(arguments.source.height), scaled(arguments.source.width)};
}

// Best of a few runs of each, the alternatives in turn, so that other load hits all of them.
std::vector<std::optional<double>> measure(const OptimisedGraphs& graphs, Size size) {
  constexpr int kRounds = 5;
  std::vector<uint8_t> pixels(static_cast<size_t>(size.pixels()) * 3);
  uint32_t state = 1;
  for (uint8_t& value : pixels) value = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  const ConstImageView picture(pixels.data(), size, 3, ptrdiff_t{size.width} * 3);
  std::vector<std::optional<double>> best(graphs.alternatives.size());
  std::deque<PassExecutor> executors;  // a deque, because executors do not move
  for (const Alternative& each : graphs.alternatives) executors.emplace_back(each.graph);
  const InputSpec output = output_spec(graphs.best());
  AlignedBuffer row(output.item_bytes());
  const TensorView out{output.dtype, output.item_shape(), row.data()};
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < executors.size(); ++i) {
      if (!executors[i].run(picture, Orientation::kUpright, out)) continue;
      const std::span<const int64_t> times = executors[i].operation_ns();
      const auto ns = static_cast<double>(std::accumulate(times.begin(), times.end(), int64_t{0}));
      best[i] = std::min(best[i].value_or(1e9), ns * 1e-6);
    }
  }
  return best;
}

// Ranks with ties sharing their mean.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t i = begin; i < end; ++i) result[order[i]] = static_cast<double>(begin + end - 1) / 2;
    begin = end;
  }
  return result;
}

// Spearman's. Nothing for fewer than three pairs.
std::optional<double> rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 3) return std::nullopt;
  const std::vector<double> x = ranks(a);
  const std::vector<double> y = ranks(b);
  const double mean = static_cast<double>(a.size() - 1) / 2;
  double xy = 0;
  double xx = 0;
  double yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  if (xx == 0 || yy == 0) return std::nullopt;
  return xy / std::sqrt(xx * yy);
}

struct Correlation {
  std::optional<double> value;
  size_t alternatives = 0;
};
Correlation correlation(const Explained& explained) {
  std::vector<double> predicted;
  std::vector<double> measured;
  for (size_t i = 0; i < explained.measured_ms.size(); ++i) {
    if (!explained.measured_ms[i]) continue;
    predicted.push_back(explained.optimised.alternatives[i].cost);
    measured.push_back(*explained.measured_ms[i]);
  }
  return {rank_correlation(predicted, measured), predicted.size()};
}

std::string why(const Alternative& each) {
  if (each.removed_by.empty()) return "chosen";
  if (each.removed_by == "executor") return "the fused executor does not run it";
  return fmt::format("{}: #{} is cheaper", each.removed_by, each.beaten_by);
}

bool was_pruned(const OptimisedGraphs& graphs, const Alternative& each) {
  return std::any_of(graphs.rules.begin(), graphs.rules.end(),
                     [&](const RuleUse& use) { return use.name == each.removed_by; });
}

void print_text(const Explained& explained, const ExplainGraphArguments& arguments, Size size) {
  const OptimisedGraphs& graphs = explained.optimised;
  const std::string_view unit = arguments.plain_counts ? "operations" : "us predicted";
  const double per_unit = arguments.plain_counts ? 1 : 1e-3;
  fmt::print("{}: {}\n", explained.declared.name, to_text(explained.declared.graph));
  fmt::print("{} graphs are reachable{}, for a picture of {}x{}\n", graphs.alternatives.size(),
             graphs.complete ? "" : " (there are more)", size.width, size.height);
  if (!graphs.fusable) fmt::print("the fused executor runs none of them: the graph stays as declared\n");
  for (size_t i = 0; i < graphs.alternatives.size(); ++i) {
    const Alternative& each = graphs.alternatives[i];
    const bool shown = arguments.all || i == 0 || i == graphs.chosen || !was_pruned(graphs, each);
    if (!shown) continue;
    const bool measured = i < explained.measured_ms.size() && explained.measured_ms[i].has_value();
    fmt::print("  #{:<4} {:>10.0f} {}{}  {}\n        {}\n", i, each.cost * per_unit, unit,
               measured ? fmt::format(" {:>9.3f} ms measured", *explained.measured_ms[i]) : "", why(each),
               to_text(each.graph));
  }
  fmt::print("rule                 applied   us\n");
  for (const RuleUse& use : graphs.rules) {
    fmt::print("  {:<18} {}\n", use.name,
               use.enabled ? fmt::format("{:>7} {:>6.0f}", use.applications, use.seconds * 1e6) : "disabled");
  }
  if (arguments.measure) {
    const Correlation found = correlation(explained);
    fmt::print("rank correlation of predicted and measured, {} alternatives: {}\n", found.alternatives,
               found.value ? fmt::format("{:.2f}", *found.value) : "too few to say");
  }
  fmt::print("\n");
}

nlohmann::ordered_json json_of(const Explained& explained, Size size) {
  const OptimisedGraphs& graphs = explained.optimised;
  nlohmann::ordered_json json = {{"name", explained.declared.name},
                                 {"size", {size.height, size.width}},
                                 {"complete", graphs.complete},
                                 {"fusable", graphs.fusable},
                                 {"chosen", graphs.chosen}};
  for (size_t i = 0; i < graphs.alternatives.size(); ++i) {
    const Alternative& each = graphs.alternatives[i];
    nlohmann::ordered_json one = {{"graph", to_text(each.graph)},
                                  {"operations", nlohmann::ordered_json::parse(to_json(each.graph))},
                                  {"cost", each.cost},
                                  {"made_by", each.made_by},
                                  {"made_from", each.made_from},
                                  {"removed_by", each.removed_by},
                                  {"beaten_by", each.beaten_by}};
    if (i < explained.measured_ms.size() && explained.measured_ms[i]) one["measured_ms"] = *explained.measured_ms[i];
    json["alternatives"].push_back(std::move(one));
  }
  for (const RuleUse& use : graphs.rules) {
    json["rules"].push_back(
        {{"name", use.name}, {"enabled", use.enabled}, {"applications", use.applications}, {"seconds", use.seconds}});
  }
  if (const Correlation found = correlation(explained); found.value) json["rank_correlation"] = *found.value;
  return json;
}

}  // namespace

int explain_graph_command(const ExplainGraphArguments& arguments) {
  const Size size = decoded_size(arguments);
  OptimiserOptions options;
  options.disabled = arguments.disabled_rules;
  if (arguments.plain_counts) options.weights = kPlainCounts;
  std::vector<Explained> all;
  std::vector<NamedGraph> chosen;
  for (NamedGraph& graph : graphs_of(arguments)) {
    Explained explained{std::move(graph), {}, {}};
    explained.optimised = optimise(explained.declared.graph, {size}, options);
    if (arguments.measure) explained.measured_ms = measure(explained.optimised, size);
    chosen.push_back({explained.declared.name, explained.optimised.best()});
    all.push_back(std::move(explained));
  }
  const PreprocDag dag = make_dag(chosen);
  if (arguments.json) {
    nlohmann::ordered_json json;
    for (const Explained& explained : all) json["graphs"].push_back(json_of(explained, size));
    json["shared"] = to_text(dag);
    fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const Explained& explained : all) print_text(explained, arguments, size);
    fmt::print("{}", to_text(dag));
  }
  if (!arguments.svg.empty()) write_atomically(posix_file_system(), arguments.svg, to_svg(dag));
  return 0;
}

}  // namespace smol::cli
