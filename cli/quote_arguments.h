// The arguments of `smol quote`.
#pragma once

#include <filesystem>
#include <vector>

namespace CLI {
class App;
}

namespace smol::cli {

struct QuoteArguments {
  std::filesystem::path plan;
  double items = 1e6;
  std::vector<double> cores;     // empty: those that the plan was made on
  std::filesystem::path prices;  // empty: the plan's
  bool json = false;
};

void add_quote(CLI::App& app, QuoteArguments& arguments);

}  // namespace smol::cli
