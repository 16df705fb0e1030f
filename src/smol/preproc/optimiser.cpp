#include "smol/preproc/optimiser.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "smol/base/clock.h"
#include "smol/base/error.h"
#include "smol/preproc/fused_plan.h"
#include "smol/preproc/rules/rule.h"

namespace smol {
namespace {

constexpr std::string_view kExecutor = "executor";

bool is_valid(const PreprocGraph& graph, const InputSpec& wanted) {
  try {
    return output_spec(graph) == wanted;
  } catch (const Error&) {
    return false;
  }
}

bool is_fusable(const PreprocGraph& graph) {
  try {
    fuse(graph);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void require_rules(const std::vector<std::string>& names) {
  std::string known;
  for (const Rule& rule : all_rules()) known += (known.empty() ? "" : ", ") + std::string(rule.name);
  for (const std::string& name : names) {
    const bool exists =
        std::any_of(all_rules().begin(), all_rules().end(), [&](const Rule& rule) { return rule.name == name; });
    if (!exists) throw Error(ErrorCode::kUsage, fmt::format("no such rule (there are {}): {}", known, name));
  }
}

class Driver {
 public:
  Driver(const PreprocGraph& graph, const GraphContext& context, const OptimiserOptions& options)
      : context_(context), options_(options), wanted_(output_spec(graph)) {
    require_rules(options.disabled);
    for (const Rule& rule : all_rules()) {
      const bool disabled =
          std::find(options.disabled.begin(), options.disabled.end(), rule.name) != options.disabled.end();
      result_.rules.push_back({rule.name, !disabled});
    }
    add(graph, {}, 0);
  }

  OptimisedGraphs run() && {
    generate();
    for (Alternative& each : result_.alternatives)
      each.cost = graph_cost(each.graph, context_.source, options_.weights);
    remove_what_does_not_run();
    prune();
    choose();
    return std::move(result_);
  }

 private:
  void generate() {
    for (size_t i = 0; i < result_.alternatives.size(); ++i) {
      for_rules([&](const Rule& rule, RuleUse& use) {
        if (rule.rewrite == nullptr) return;
        const PreprocGraph graph = result_.alternatives[i].graph;  // the vector grows
        for (const PreprocGraph& made : rule.rewrite(graph)) {
          if (!is_valid(made, wanted_)) continue;
          ++use.applications;
          if (options_.check) options_.check(rule.name, graph, made);
          add(made, rule.name, i);
        }
      });
    }
  }

  void add(const PreprocGraph& graph, std::string_view rule, size_t from) {
    if (result_.alternatives.size() >= options_.most_graphs) {
      result_.complete = false;
      return;
    }
    // Texts shorten numbers, so equal texts are only likely to be equal graphs.
    std::vector<size_t>& alike = by_text_[to_text(graph)];
    const bool known =
        std::any_of(alike.begin(), alike.end(), [&](size_t i) { return result_.alternatives[i].graph == graph; });
    if (known) return;
    alike.push_back(result_.alternatives.size());
    result_.alternatives.push_back({graph, 0, rule, from, {}, 0});
  }

  void remove_what_does_not_run() {
    result_.fusable = false;
    for (Alternative& each : result_.alternatives) {
      if (is_fusable(each.graph)) {
        result_.fusable = true;
      } else {
        each.removed_by = kExecutor;
      }
    }
    if (result_.fusable) return;
    for (Alternative& each : result_.alternatives) each.removed_by = {};
  }

  void prune() {
    std::vector<GraphWork> works;
    for (const Alternative& each : result_.alternatives) works.push_back(graph_work(each.graph, context_.source));
    for_rules([&](const Rule& rule, RuleUse& use) {
      if (rule.beats == nullptr) return;
      std::vector<size_t> left;
      for (size_t i = 0; i < works.size(); ++i) {
        if (result_.alternatives[i].removed_by.empty()) left.push_back(i);
      }
      for (size_t worse = 0; worse < works.size(); ++worse) {
        // What does not run is told the better reason, too.
        const std::string_view by = result_.alternatives[worse].removed_by;
        if (!by.empty() && by != kExecutor) continue;
        const auto better = std::find_if(left.begin(), left.end(),
                                         [&](size_t other) { return rule.beats(works[other], works[worse]); });
        if (better == left.end()) continue;
        result_.alternatives[worse].removed_by = rule.name;
        result_.alternatives[worse].beaten_by = *better;
        ++use.applications;
      }
    });
  }

  void choose() {
    bool found = false;
    for (size_t i = 0; i < result_.alternatives.size(); ++i) {
      if (!result_.alternatives[i].removed_by.empty()) continue;
      // Of equals the later one: more was done to it.
      if (!found || result_.alternatives[i].cost <= result_.alternatives[result_.chosen].cost) result_.chosen = i;
      found = true;
    }
    if (!result_.fusable) result_.chosen = 0;
    for (size_t i = 0; i < result_.alternatives.size(); ++i) {
      Alternative& each = result_.alternatives[i];
      if (i == result_.chosen || !each.removed_by.empty()) continue;
      each.removed_by = "cost";
      each.beaten_by = result_.chosen;
    }
  }

  void for_rules(auto&& apply) {
    for (size_t i = 0; i < result_.rules.size(); ++i) {
      if (!result_.rules[i].enabled) continue;
      const int64_t start = wall_ns();
      apply(all_rules()[i], result_.rules[i]);
      result_.rules[i].seconds += static_cast<double>(wall_ns() - start) * 1e-9;
    }
  }

  const GraphContext& context_;
  const OptimiserOptions& options_;
  const InputSpec wanted_;
  OptimisedGraphs result_;
  std::unordered_map<std::string, std::vector<size_t>> by_text_;
};

}  // namespace

OptimisedGraphs optimise(const PreprocGraph& graph, const GraphContext& context, const OptimiserOptions& options) {
  return Driver(graph, context, options).run();
}

}  // namespace smol
