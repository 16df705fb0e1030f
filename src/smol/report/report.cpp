#include "smol/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "smol/base/error.h"
#include "smol/base/json_object.h"
#include "smol/media/file_reader.h"
#include "smol/report/html_page.h"
#include "smol/report/planning_check.h"
#include "smol/report/report_document.h"
#include "smol/report/report_template.h"
#include "smol/report/run_report_check.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostReportBytes = int64_t{1} << 24;

struct Sources {
  std::optional<Plan> plan;
  fs::path plan_path;
  Json run;
  std::optional<fs::path> run_path;
};

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(ErrorCode::kUsage, path.string() + ": " + why);
}

void read_plan_into(Sources& sources, const fs::path& path) {
  Plan plan = read_plan(path);
  if (plan.planning) check_planning(*plan.planning, path.string() + ".planning");
  sources.plan = std::move(plan);
  sources.plan_path = path;
}

Json read_run_report(const fs::path& folder) {
  const fs::path path = folder / "report.json";
  if (!fs::exists(path)) {
    if (!fs::exists(folder / "run.json")) refuse(folder, "not a run directory: it has no report.json");
    refuse(folder, "the run has not ended, so it has no report.json: the same `smol run` continues it");
  }
  FileReader reader;
  const auto bytes = reader.read(path.string(), kMostReportBytes);
  if (!bytes) refuse(path, bytes.error().message);
  Json report = parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path.string());
  check_run_report(report, path.string());
  return report;
}

Sources read_sources(const std::vector<fs::path>& paths) {
  Sources sources;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) refuse(path, "no such file or folder");
    if (fs::is_directory(path, error)) {
      if (sources.run_path) refuse(path, "a second run directory: a report is of one");
      sources.run = read_run_report(path);
      sources.run_path = path;
    } else {
      if (sources.plan) refuse(path, "a second plan: a report is of one");
      read_plan_into(sources, path);
    }
  }
  if (!sources.run_path) {
    if (!sources.plan->planning) {
      refuse(sources.plan_path, "no `planning` section to report on: `smol plan` writes it; or give a run directory");
    }
  } else if (!sources.plan) {
    const fs::path plan = *sources.run_path / "plan.json";
    if (fs::exists(plan)) read_plan_into(sources, plan);
  } else if (const std::string ran = sources.run["plan_id"].get<std::string>(); ran != plan_id(*sources.plan)) {
    refuse(*sources.run_path, fmt::format("ran plan {}, and {} is plan {}: predicted and measured belong together",
                                          ran, sources.plan_path.string(), plan_id(*sources.plan)));
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
  if (!sources.plan || !sources.plan->planning) return pictures;
  size_t bytes = 0;
  for (const PlanningExample& example : sources.plan->planning->examples) {
    if (pictures.size() == kMostExamples) break;
    ExamplePicture& made = pictures.emplace_back();
    auto picture = small_picture(place_of(example.image, sources.plan_path).string(), kExampleLongSide);
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
  const Sources sources = read_sources(request.sources);
  const std::vector<ExamplePicture> pictures = read_examples(sources);
  std::vector<std::string> names;
  for (const fs::path& path : request.sources) names.push_back(path.string());
  const Json document = report_document(sources.plan, sources.run, names, pictures);
  Report report;
  const std::string title = "smol report: " + document["title"].get<std::string>();
  report.html = fill_page(report_template(), title, document.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (sources.plan && sources.plan->planning) report.candidates = sources.plan->planning->candidates.size();
  report.pictures = static_cast<size_t>(
      std::ranges::count_if(pictures, [](const ExamplePicture& example) { return example.picture.has_value(); }));
  report.missing_pictures = pictures.size() - report.pictures;
  return report;
}

}  // namespace smol
