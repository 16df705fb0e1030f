#include "smol/preproc/graph_dag.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace smol {
namespace {

// Children of a node (or of the decoded picture), in order.
std::vector<size_t> children(const PreprocDag& dag, size_t parent) {
  std::vector<size_t> result;
  for (size_t i = 0; i < dag.nodes.size(); ++i) {
    if (dag.nodes[i].parent == parent) result.push_back(i);
  }
  return result;
}

std::string names_of_sinks(const PreprocDag& dag, size_t node) {
  std::string names;
  for (const DagSink& sink : dag.sinks) {
    if (sink.node == node) names += (names.empty() ? "" : ", ") + sink.name;
  }
  return names;
}

void add_lines(const PreprocDag& dag, size_t parent, size_t depth, std::string& text) {
  for (const size_t i : children(dag, parent)) {
    text += std::string(2 * depth, ' ') + to_text(dag.nodes[i].op);
    const std::string names = names_of_sinks(dag, i);
    text += names.empty() ? "\n" : "  -> " + names + "\n";
    add_lines(dag, i, depth + 1, text);
  }
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += c;
    }
  }
  return result;
}

constexpr int kLineHeight = 34;
constexpr int kIndent = 28;
constexpr int kTextLeft = 10;
constexpr int kCharacterWidth = 8;

// Rows of the tree, one below the other, joined by elbows.
class SvgWriter {
 public:
  explicit SvgWriter(const PreprocDag& dag) : dag_(dag) {}

  std::string write() && {
    box("decode", names_of_sinks(dag_, kDecodedPicture), 0);
    add(kDecodedPicture, 1, 0);
    return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}")"
                       R"( font-family="monospace" font-size="13">)"
                       "\n",
                       width_ + 10, row_ * kLineHeight + 10) +
           body_ + "</svg>\n";
  }

 private:
  void add(size_t parent, int depth, int parent_row) {
    for (const size_t i : children(dag_, parent)) {
      const int row = row_;
      const int x = (depth - 1) * kIndent + 16;
      body_ += fmt::format(R"(<path d="M{0} {1}V{2}H{3}" fill="none" stroke="#888"/>)"
                           "\n",
                           x, parent_row * kLineHeight + 32, row * kLineHeight + 19, depth * kIndent + 5);
      box(to_text(dag_.nodes[i].op), names_of_sinks(dag_, i), depth);
      add(i, depth + 1, row);
    }
  }

  void box(const std::string& text, const std::string& sinks, int depth) {
    const int x = depth * kIndent + 5;
    const int y = row_ * kLineHeight + 6;
    const int width = static_cast<int>(text.size()) * kCharacterWidth + 2 * kTextLeft;
    body_ += fmt::format(R"(<rect x="{}" y="{}" width="{}" height="26" rx="4" fill="#f4f4f4" stroke="#444"/>)"
                         R"(<text x="{}" y="{}">{}</text>)"
                         "\n",
                         x, y, width, x + kTextLeft, y + 18, escaped(text));
    int end = x + width;
    if (!sinks.empty()) {
      body_ += fmt::format(R"(<text x="{}" y="{}" font-weight="bold">&#8594; {}</text>)"
                           "\n",
                           end + 8, y + 18, escaped(sinks));
      end += 24 + static_cast<int>(sinks.size()) * kCharacterWidth;
    }
    width_ = std::max(width_, end);
    ++row_;
  }

  const PreprocDag& dag_;
  std::string body_;
  int row_ = 0;
  int width_ = 0;
};

}  // namespace

PreprocDag make_dag(std::span<const NamedGraph> chains) {
  PreprocDag dag;
  for (const NamedGraph& chain : chains) {
    size_t at = kDecodedPicture;
    for (const PreprocOp& op : chain.graph.ops) {
      const std::vector<size_t> next = children(dag, at);
      const auto same = std::find_if(next.begin(), next.end(), [&](size_t i) { return dag.nodes[i].op == op; });
      if (same != next.end()) {
        at = *same;
        continue;
      }
      dag.nodes.push_back({op, at});
      at = dag.nodes.size() - 1;
    }
    dag.sinks.push_back({chain.name, at});
  }
  return dag;
}

PreprocGraph chain_to(const PreprocDag& dag, size_t sink) {
  PreprocGraph graph;
  for (size_t at = dag.sinks[sink].node; at != kDecodedPicture; at = dag.nodes[at].parent) {
    graph.ops.push_back(dag.nodes[at].op);
  }
  std::reverse(graph.ops.begin(), graph.ops.end());
  return graph;
}

std::string to_text(const PreprocDag& dag) {
  const std::string names = names_of_sinks(dag, kDecodedPicture);
  std::string text = names.empty() ? "decode\n" : "decode  -> " + names + "\n";
  add_lines(dag, kDecodedPicture, 1, text);
  return text;
}

std::string to_svg(const PreprocDag& dag) { return SvgWriter(dag).write(); }

}  // namespace smol
