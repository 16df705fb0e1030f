#include <fmt/format.h>

#include <cstdio>

#include "commands.h"
#include "smol/base/error.h"
#include "smol/engine/chunk_encoder.h"

namespace smol::cli {

int render_command(const RenderArguments& arguments) {
  const RenderReport report = render(arguments.request, [](const std::string& path, const ItemError& error) {
    fmt::print(stderr, "smol: {}: {}: {}\n", item_error_name(error.code), error.message, utf8_or_escaped(path));
  });
  fmt::print("{} items, {} failed; {} files stored, {} kept\n", report.items, report.failed, report.written,
             report.kept);
  const double rate = report.items > 0 ? static_cast<double>(report.failed) / static_cast<double>(report.items) : 0;
  const bool is_too_many = rate > arguments.max_failure_rate || (report.failed > 0 && report.failed == report.items);
  return is_too_many ? exit_code(ErrorCode::kTooManyFailed) : 0;
}

}  // namespace smol::cli
