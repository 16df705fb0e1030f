// The arguments of `smol profile`, and those that `smol plan` shares with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "smol/engine/dataset.h"
#include "smol/engine/input_list.h"
#include "smol/plan/input_format.h"

namespace CLI {
class App;
}

namespace smol::cli {

// What is measured, and where it is kept.
struct MeasuringArguments {
  InputOptions inputs;
  DatasetRequest dataset;
  DecodeLimits limits;
  std::vector<std::filesystem::path> models;
  std::vector<InputFormat> formats;  // empty: what the inputs offer
  std::string backend = "openvino";
  int threads = 0;  // 0: as many as cores may be used
  double budget_s = 60;
  std::filesystem::path profile;  // empty: in the cache folder
};

struct ProfileArguments {
  MeasuringArguments measuring;
  bool json = false;
};

void add_profile(CLI::App& app, ProfileArguments& arguments);
void add_budget(CLI::App& command, MeasuringArguments& arguments);
// `option`: of `smol run`, whose --format is that of the rows, another one.
void add_formats(CLI::App& command, const char* option, MeasuringArguments& arguments);
void add_measuring(CLI::App& command, MeasuringArguments& arguments);

}  // namespace smol::cli
