#include "smol/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "smol/media/file_reader.h"
#include "smol/report/html_page.h"
#include "smol/report/json_check.h"
#include "smol/report/plan_check.h"
#include "smol/report/report_document.h"
#include "smol/report/report_template.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostJsonBytes = int64_t{256} << 20;

struct Sources {
  Json plan;
  fs::path plan_path;
  bool is_plan_given = false;  // as a file, not found in a run directory
  Json run;
  std::optional<fs::path> run_path;
};

Json read_object(const fs::path& path) {
  FileReader reader;
  const auto bytes = reader.read(path.string(), kMostJsonBytes);
  if (!bytes) refuse(path.string(), bytes.error().message);
  return parse_object({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path.string());
}

void read_run(const fs::path& folder, Sources& sources) {
  if (sources.run_path) refuse(folder.string(), "a second run directory: a report is of one");
  sources.run_path = folder;
  const fs::path report = folder / "report.json";
  const fs::path plan = folder / "plan.json";
  if (!fs::exists(report)) {
    if (!fs::exists(folder / "run.json")) refuse(folder.string(), "not a run directory: it has no report.json");
    refuse(folder.string(), "the run has not ended, so it has no report.json: the same `smol run` continues it");
  }
  sources.run = read_object(report);
  check_run_report(sources.run, report.string());
  if (sources.is_plan_given || !fs::exists(plan)) return;
  sources.plan = read_object(plan);
  sources.plan_path = plan;
  check_plan(sources.plan, plan.string());
}

void read_plan(const fs::path& path, Sources& sources) {
  if (sources.is_plan_given) refuse(path.string(), "a second plan: a report is of one");
  sources.plan = read_object(path);
  sources.plan_path = path;
  sources.is_plan_given = true;
  check_plan(sources.plan, path.string());
}

Sources read_sources(const std::vector<fs::path>& paths) {
  Sources sources;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) refuse(path.string(), "no such file or folder");
    if (fs::is_directory(path, error)) {
      read_run(path, sources);
    } else {
      read_plan(path, sources);
    }
  }
  if (!sources.run_path && member(sources.plan, "planning") == nullptr) {
    refuse(sources.plan_path.string(),
           "no `planning` section to report on: `smol plan` writes it; or give a run directory");
  }
  return sources;
}

// As the plan names it: from the plan's folder, or from here.
fs::path place_of(const std::string& image, const fs::path& plan) {
  const fs::path beside = plan.parent_path() / image;
  std::error_code error;
  return fs::exists(beside, error) ? beside : fs::path(image);
}

std::vector<ExamplePicture> read_examples(const Sources& sources) {
  std::vector<ExamplePicture> pictures;
  const Json* planning = sources.plan.is_object() ? member(sources.plan, "planning") : nullptr;
  const Json* examples = planning != nullptr ? member(*planning, "examples") : nullptr;
  if (examples == nullptr) return pictures;
  size_t bytes = 0;
  for (size_t i = 0; i < std::min(examples->size(), kMostExamples); ++i) {
    ExamplePicture& made = pictures.emplace_back();
    const Json* image = member((*examples)[i], "image");
    if (image == nullptr) {
      made.why = "the plan names none";
      continue;
    }
    auto picture = small_picture(place_of(image->get<std::string>(), sources.plan_path).string(), kExampleLongSide);
    if (!picture) {
      made.why = picture.error().message;
    } else if (bytes + picture->data_uri.size() > kMostPictureBytes) {
      made.why = "left out, the page would become too large";
    } else {
      bytes += picture->data_uri.size();
      made.picture = std::move(*picture);
    }
  }
  return pictures;
}

}  // namespace

Report make_report(const ReportRequest& request) {
  Sources sources = read_sources(request.sources);
  const std::vector<ExamplePicture> pictures = read_examples(sources);
  std::vector<std::string> names;
  for (const fs::path& path : request.sources) names.push_back(path.string());
  const Json document = report_document(std::move(sources.plan), std::move(sources.run), names, pictures);
  Report report;
  const std::string title = "smol report: " + document["title"].get<std::string>();
  report.html = fill_page(report_template(), title, document.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (const Json* planning = member(document, "planning")) report.candidates = (*planning)["candidates"].size();
  report.pictures = static_cast<size_t>(
      std::ranges::count_if(pictures, [](const ExamplePicture& example) { return example.picture.has_value(); }));
  report.missing_pictures = pictures.size() - report.pictures;
  return report;
}

}  // namespace smol
