#include <fmt/format.h>

#include "commands.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"

namespace smol::cli {

int report_command(const ReportArguments& arguments) {
  if (std::filesystem::is_directory(arguments.out)) {
    throw Error(ErrorCode::kUsage, "-o is a folder, name a file in it: " + arguments.out.string());
  }
  const Report report = make_report(arguments.request);
  write_atomically(posix_file_system(), arguments.out, report.html);
  fmt::print("{}: {} candidates, {} example pictures{}, {:.2f} MB\n", arguments.out.string(), report.candidates,
             report.pictures,
             report.missing_pictures > 0 ? fmt::format(" ({} could not be shown)", report.missing_pictures) : "",
             static_cast<double>(report.html.size()) * 1e-6);
  return 0;
}

}  // namespace smol::cli
