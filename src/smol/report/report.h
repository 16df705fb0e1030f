// `smol report` as a library call: a plan, a run, or both, as one HTML file that needs nothing else.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace smol {

struct ReportRequest {
  // A run directory (report.json, plan.json), a plan.json, or one of each: then that plan must be the one that ran.
  std::vector<std::filesystem::path> sources;
};

struct Report {
  std::string html;
  size_t candidates = 0;
  size_t pictures = 0;          // of examples, inside the page
  size_t missing_pictures = 0;  // examples whose picture could not be read: the page says so
};

// Reads the sources and the example pictures that the plan names, at most kMostExamples. Throws Error(kUsage): what
// is missing, or makes no sense.
Report make_report(const ReportRequest& request);

inline constexpr size_t kMostExamples = 24;
inline constexpr int kExampleLongSide = 240;                  // pixels
inline constexpr size_t kMostPictureBytes = 2 * 1024 * 1024;  // of all data URIs; further examples go without

}  // namespace smol
