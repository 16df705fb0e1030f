#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "commands.h"
#include "smol/base/error.h"
#include "smol/infer/backend.h"
#include "smol/infer/manifest.h"

namespace smol::cli {
namespace {

std::string spec_text(const InputSpec& spec) {
  return fmt::format("{} {} {}x{}x{}", name(spec.dtype), name(spec.layout), spec.height, spec.width, spec.channels);
}

void check(const std::filesystem::path& file, const std::filesystem::path& model, std::string& report) {
  const Manifest manifest = read_manifest(file);
  const InputSpec made = [&] {
    try {
      return output_spec(manifest.preprocessing);
    } catch (const Error& error) {
      throw Error(ErrorCode::kUsage, file.string() + ": " + error.what());
    }
  }();
  report += fmt::format("{}: {} operations, {}\n", file.string(), manifest.preprocessing.ops.size(), spec_text(made));
  for (const PreprocOp& op : manifest.preprocessing.ops) report += "  " + to_text(op) + "\n";
  if (!manifest.labels.empty()) {
    report += fmt::format("  labels: {} of {}\n", read_labels(manifest.labels).size(), manifest.labels.string());
  }
  if (model.empty()) return;
  ModelOptions options;
  options.input_name = manifest.input_name;
  options.output_name = manifest.output_name;
  const std::unique_ptr<Backend> backend = make_backend("openvino");
  const InputSpec taken = backend->load(model, options)->input();
  if (taken != made) {
    throw Error(ErrorCode::kUsage, fmt::format("{}: the preprocessing makes {}, the model takes {}: {}",
                                               file.string(), spec_text(made), spec_text(taken), model.string()));
  }
  report += "  the model takes what the preprocessing makes\n";
}

}  // namespace

int manifest_command(const ManifestCheckArguments& arguments) {
  int bad = 0;
  for (const std::filesystem::path& file : arguments.files) {
    std::string report;
    try {
      check(file, arguments.model, report);
      std::fwrite(report.data(), 1, report.size(), stdout);
    } catch (const Error& error) {  // the next file is checked all the same
      std::fprintf(stderr, "smol: %s\n", error.what());
      ++bad;
    }
  }
  return bad > 0 ? exit_code(ErrorCode::kUsage) : 0;
}

}  // namespace smol::cli
