// The arguments of `smol explain graph` and `smol manifest check`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "smol/base/geometry.h"

namespace CLI {
class App;
}

namespace smol::cli {

struct ExplainGraphArguments {
  std::vector<std::filesystem::path> manifests;
  std::vector<std::string> presets;  // "imagenet:224"
  Size source{375, 500};             // upright
  int scale_denominator = 1;         // of --decode 1/2
  std::vector<std::string> disabled_rules;
  std::filesystem::path svg;  // empty: none
  bool plain_counts = false;
  bool measure = false;
  bool all = false;
  bool json = false;
};

struct ManifestCheckArguments {
  std::vector<std::filesystem::path> files;
  std::filesystem::path model;  // empty: none
};

void add_explain(CLI::App& app, ExplainGraphArguments& explain);
void add_manifest(CLI::App& app, ManifestCheckArguments& check);

}  // namespace smol::cli
