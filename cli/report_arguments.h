// The arguments of `smol report`.
#pragma once

#include <filesystem>

#include "smol/report/report.h"

namespace CLI {
class App;
}

namespace smol::cli {

struct ReportArguments {
  ReportRequest request;
  std::filesystem::path out = "report.html";
};

void add_report(CLI::App& app, ReportArguments& arguments);

}  // namespace smol::cli
